import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { say } from './progress.js';
import { type Version, VERSIONS } from './versions.js';

const HOME = join(import.meta.dirname, '../../.ha');
const TELL_EVERY_MS = 10_000;

/** What keeps us from running it, in one line for the person who asked. */
export class CannotRun extends Error {}

/**
 * The Python of an environment that holds this version, made when there is none or its lock file has changed.
 * @throws CannotRun
 */
export async function installed(version: Version): Promise<string> {
  const folder = join(HOME, version);
  const lock = join(import.meta.dirname, `requirements-${version}.txt`);
  const mark = join(folder, 'installed-from');
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex');
  const program = join(folder, 'bin/python');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted && runs(program, VERSIONS[version].python)) return program;
  await install(version, folder, lock);
  writeFileSync(mark, wanted);
  return program;
}

async function install(version: Version, folder: string, lock: string): Promise<void> {
  const python = pythonOf(VERSIONS[version].python);
  if (python === undefined) throw new CannotRun(`Home Assistant ${version} needs Python ${VERSIONS[version].python}, which is not here`);
  rmSync(folder, { recursive: true, force: true });
  say(`installing Home Assistant ${version} into ${folder} (once; 150 MB to fetch, 45 s on an idle machine)`);
  const telling = setInterval(() => say('still installing'), TELL_EVERY_MS);
  try {
    await must(python, '-m', 'venv', folder);
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--requirement', lock];
    await must(join(folder, 'bin/python'), '-m', 'pip', 'install', ...options);
  } finally {
    clearInterval(telling);
  }
}

/** The system's, or one that pyenv keeps off the PATH: its shims are there for versions that are not switched on too. */
function pythonOf(version: string): string | undefined {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const kept = existsSync(versions) ? readdirSync(versions).filter((name) => name.startsWith(`${version}.`)) : [];
  const candidates = [`python${version}`, `/usr/bin/python${version}`, ...kept.map((name) => join(versions, name, 'bin/python'))];
  return candidates.find((candidate) => runs(candidate, version) && hasVenv(candidate));
}

function runs(python: string, version: string): boolean {
  const { status, stdout } = spawnSync(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === version;
}

/** Debian ships a Python without it. */
function hasVenv(python: string): boolean {
  return spawnSync(python, ['-c', 'import ensurepip, venv']).status === 0;
}

async function must(program: string, ...args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => child.kill();
  process.once('exit', end);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  process.off('exit', end);
  if (code === 0) return;
  const last = said.trim().split('\n').at(-1) ?? '';
  throw new CannotRun(`${program} ${args.slice(0, 3).join(' ')} ended with ${code ?? 'a signal'}: ${last}`);
}
