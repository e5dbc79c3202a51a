// Brings a checkout to where its scripts can run: `node tools/setup.mjs` installs the locked packages when they are
// missing or older than the lock file; with `build` it also compiles when a source is newer than the build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const modifiedAt = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

function newestSource() {
  const files = readdirSync(join(root, 'src'), { recursive: true }).map((file) => join('src', file));
  return Math.max(...[...files, 'package.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'].map(modifiedAt));
}

function run(what, command, ...args) {
  console.error(`> ${what}: ${command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error || status !== 0) {
    console.error(`${what} failed${error ? `: ${error.message}` : ''}`);
    process.exit(status || 1);
  }
}

if (modifiedAt('node_modules/.package-lock.json') < modifiedAt('package-lock.json')) {
  run(
    'installing the locked packages (about half a minute)',
    'npm',
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  );
}
if (process.argv.includes('build') && modifiedAt('dist/main.js') < newestSource()) {
  run('compiling', process.execPath, 'node_modules/@nestjs/cli/bin/nest.js', 'build');
}
