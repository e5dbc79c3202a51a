import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HouseAddress, HouseClient } from '../support/house-client.js';
import { CannotRun, installed } from './installation.js';
import type { Tokens } from './onboarding.js';
import { say } from './progress.js';
import { RealHouse } from './real-house.js';
import { DEFAULT_VERSION, isVersion, type Version, VERSIONS } from './versions.js';

const ROOT = join(import.meta.dirname, '../..');
/** A real house on a busy machine has its own pace. */
const TEST_MS = 30_000;
const USAGE = `usage: npm run test:home-assistant [-- <version>|all] [-- --record] [options of jest]

Runs the protocol facts and the acceptance tests against a real Home Assistant, which it installs into .ha/ on first use.
versions: ${Object.keys(VERSIONS).join(', ')}; without one ${DEFAULT_VERSION}
HA_TEST_URL, HA_TEST_TOKEN and HA_TEST_PLAIN_TOKEN name one that runs already with this configuration; nothing is started
--record  writes what it answers to test/golden, for the houses of the other tests to be held against
The last line is \`N passed, N failed\`.`;

interface HouseUnderTest extends HouseAddress, Tokens {}

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const [first = DEFAULT_VERSION, ...rest] = process.argv.slice(2);
const named = first.startsWith('-') ? DEFAULT_VERSION : first;
const options = first.startsWith('-') ? [first, ...rest] : rest;

// Whoever started a process ends it when we do.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (options.includes('--help') || named === 'help') console.log(USAGE);
else if (named === 'all') await runAll(Object.keys(VERSIONS).filter(isVersion));
else if (isVersion(named)) await runAll([named]);
else {
  console.error(`no lock file for Home Assistant ${named}\n\n${USAGE}`);
  process.exitCode = 64;
}

async function runAll(versions: readonly Version[]): Promise<void> {
  const tallies: Tally[] = [];
  for (const version of versions) tallies.push(await run(version));
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

async function run(version: Version): Promise<Tally> {
  try {
    const running = runningHouse();
    if (running) return await test(running, version);
    const python = await installed(version);
    say(`starting Home Assistant ${version}`);
    const house = await RealHouse.start(python);
    const { httpMs, runningMs, readyMs } = house.times;
    say(`it answered after ${httpMs} ms, was running after ${runningMs} ms, had rooms and tokens after ${readyMs} ms`);
    try {
      return await test(house, version);
    } finally {
      await house.stop();
    }
  } catch (error) {
    console.error(error instanceof CannotRun ? error.message : error);
    return { passed: 0, failed: 1 };
  }
}

/** Somebody else's, who started it with the files of `configuration.ts`. */
function runningHouse(): HouseUnderTest | undefined {
  const { HA_TEST_URL: url, HA_TEST_TOKEN: token, HA_TEST_PLAIN_TOKEN: plainToken } = process.env;
  if (url === undefined) return undefined;
  if (!token || !plainToken) throw new CannotRun('HA_TEST_URL needs HA_TEST_TOKEN and HA_TEST_PLAIN_TOKEN beside it');
  return { url, token, plainToken };
}

async function test(house: HouseUnderTest, version: Version): Promise<Tally> {
  let calls = 0;
  const counter = await HouseClient.join(house);
  await counter.subscribe('subscribe_events', { event_type: 'call_service' }, () => calls++);
  const startMs = performance.now();
  const tally = await jest({
    HA_TEST_URL: house.url,
    HA_TEST_TOKEN: house.token,
    HA_TEST_PLAIN_TOKEN: house.plainToken,
    HA_TEST_VERSION: version,
    ...(options.includes('--record') ? { HA_TEST_RECORD: '1' } : {}),
  });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  say(`Home Assistant ${version}: ${tally.passed} passed, ${tally.failed} failed in ${seconds} s; it carried out ${calls} service calls`);
  await counter.close();
  return tally;
}

async function jest(env: NodeJS.ProcessEnv): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'home-assistant-report-'));
  const report = join(folder, 'report.json');
  const patterns = [
    '--testPathIgnorePatterns',
    '/node_modules/',
    '--testPathPatterns',
    'test/(home-assistant/|contract/home-assistant-protocol)',
  ];
  const more = options.filter((option) => option !== '--record');
  const args = [
    'node_modules/jest/bin/jest.js',
    ...patterns,
    '--runInBand',
    '--forceExit',
    '--testTimeout',
    String(TEST_MS),
    '--verbose',
    '--json',
    '--outputFile',
    report,
    ...more,
  ];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } });
  const end = () => child.kill();
  process.once('exit', end);
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('exit', end);
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numFailedTestSuites = 0,
  } = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>) : {};
  rmSync(folder, { recursive: true, force: true });
  return { passed: numPassedTests, failed: code === 0 ? 0 : Math.max(1, numFailedTests, numFailedTestSuites) };
}
