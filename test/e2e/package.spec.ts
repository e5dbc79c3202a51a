import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

function npm(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

describe('The packed command, installed into an empty folder', () => {
  let folder: string;
  const run = (...args: string[]) => spawnSync(join(folder, 'node_modules/.bin/http-mcp-bridge'), args, { encoding: 'utf8' });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'package-'));
    const tarball = npm(['pack', '--ignore-scripts', '--pack-destination', folder], ROOT).trim().split('\n').at(-1)!;
    npm(['init', '-y'], folder);
    npm(['install', '--ignore-scripts', join(folder, tarball)], folder);
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('starts and knows its version', () => {
    const { status, stdout } = run('--version');
    expect([status, stdout.trim()]).toEqual([0, json(join(ROOT, 'package.json')).version]);
  });

  it('checks a configuration with the files it brought along', () => {
    const { status, stdout } = run('config', 'check');
    expect([status, stdout]).toEqual([0, expect.stringContaining('home-assistant')]);
  });

  it('has exactly the versions that were tested', () => {
    const locked = json(join(ROOT, 'npm-shrinkwrap.json')).packages as Record<
      string,
      { version: string; dev?: boolean; optional?: boolean }
    >;
    const home = 'node_modules/http-mcp-bridge/';
    const installed = json(join(folder, 'node_modules/.package-lock.json')).packages as Record<string, { version: string }>;
    const floating = Object.entries(installed)
      .map(([path, { version }]) => [path.startsWith(home) ? path.slice(home.length) : path, version] as const)
      .filter(([path, version]) => path !== 'node_modules/http-mcp-bridge' && locked[path]?.version !== version);
    expect(floating).toEqual([]);
    expect(Object.keys(installed).length).toBeGreaterThan(50);
  });
});
