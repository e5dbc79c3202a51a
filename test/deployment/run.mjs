// Runs one of the suites that look at what is shipped with the tools that will really read it:
// `npm run test:chart -- --help`. The last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { say } from './tools/progress.mjs';
import { SUITES } from './suites.mjs';

const root = join(import.meta.dirname, '..', '..');
const [name, ...rest] = process.argv.slice(2);
const suite = SUITES[name];

if (!suite || rest.includes('--help')) {
  const list = Object.entries(SUITES).map(([key, { about }]) => `  npm run test:${key.padEnd(14)} ${about}`);
  console.log(`usage: npm run test:<suite> [-- <options of jest>]\n\n${list.join('\n')}`);
  process.exit(suite ? 0 : 64);
}

try {
  const folders = [];
  for (const tool of suite.tools) folders.push(dirname(await tool()));
  const engine = await suite.engine?.start();
  try {
    process.exitCode = run([...new Set(folders)]);
  } finally {
    await engine?.stop();
  }
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

function run(folders) {
  const reports = mkdtempSync(join(tmpdir(), 'suite-'));
  const report = join(reports, 'report.json');
  say(`running the ${name} suite`);
  const options = ['--testPathIgnorePatterns', '/node_modules/', '--testPathPatterns', `test/deployment/${name}/`];
  const { status } = spawnSync('node_modules/.bin/jest', [...options, '--runInBand', '--json', '--outputFile', report, ...rest], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: [...folders, process.env.PATH].join(delimiter) },
  });
  const { numPassedTests = 0, numFailedTests = 0, numFailedTestSuites = 0 } = read(report);
  rmSync(reports, { recursive: true, force: true });
  console.log(`${numPassedTests} passed, ${status === 0 ? 0 : Math.max(1, numFailedTests, numFailedTestSuites)} failed`);
  return status ?? 1;
}

function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return {};
  }
}
