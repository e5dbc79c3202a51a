import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

  it('has exactly the versions that were tested, and resolves nothing of its own', () => {
    const home = join(folder, 'node_modules/http-mcp-bridge');
    const locked = Object.entries<{ version: string; dev?: boolean }>(json(join(ROOT, 'package-lock.json')).packages);
    const installed = locked.filter(([path, { dev }]) => path !== '' && !dev && existsSync(join(home, path, 'package.json')));
    const floating = installed.filter(([path, { version }]) => json(join(home, path, 'package.json')).version !== version);
    expect(installed.length).toBeGreaterThan(100);
    expect(floating).toEqual([]);
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['http-mcp-bridge']);
  });
});
