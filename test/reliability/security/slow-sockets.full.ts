import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { systemCommand } from '../../deployment/tools/system-packages.mjs';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';

const SOCKETS = 500;
/** Longer than any limit that must cut them first. */
const ATTACK_SECONDS = 60;
/** Of its own, so that the neighbour does not count among the attacker's sockets. */
const NEIGHBOUR = '127.0.0.2';
const ASKED_EVERY_MS = 20;
const CALM_MS = 3000;
/** The server looks every other second, and the tool tells once a second. */
const SETTLE_SECONDS = 6;
/** By invariant, not by figure: far from what a slow one may take. */
const NEVER_LONGER_THAN_MS = 2000;

interface Attack {
  readonly isRunning: () => boolean;
  readonly ended: Promise<{ readonly seconds: number; readonly report: string }>;
}

const ATTACKS = [
  { name: 'headers a byte now and then (slowloris)', mode: ['-H'], path: '/mcp/tools/list', limitSeconds: 10 },
  {
    name: 'bodies a byte now and then (R-U-Dead-Yet)',
    mode: ['-B', '-s', '8192', '-f', 'application/json'],
    path: '/mcp/tools/call',
    limitSeconds: 30,
  },
] as const;

describe('T9: slowhttptest', () => {
  let program: string;
  let bridge: RunningBridge;
  beforeAll(async () => {
    program = systemCommand('slowhttptest')();
    bridge = await aBridge({ upstreams: { echo: upstream('echo') } });
  }, 180_000);
  afterAll(() => bridge.close());

  it.each(ATTACKS)(
    `${SOCKETS} sockets with $name are cut, and nobody else waits for them`,
    async ({ name, mode, path, limitSeconds }) => {
      const calm = await latencies(bridge.url, (since) => since < CALM_MS);
      const attack = attackOn(program, bridge.url + path, mode);
      const meanwhile = await latencies(bridge.url, attack.isRunning);
      const { seconds, report } = await attack.ended;

      process.stdout.write(
        `${name}: cut after ${seconds.toFixed(0)} s; a neighbour's p99 ${p99(calm)} ms before, ${p99(meanwhile)} ms meanwhile\n`,
      );
      expect(report).toContain('No open connections left');
      expect(report).not.toMatch(/service available:\s+NO/);
      expect(seconds).toBeLessThan(limitSeconds + SETTLE_SECONDS);
      expect(Math.max(...meanwhile)).toBeLessThan(NEVER_LONGER_THAN_MS);
    },
    120_000,
  );
});

function attackOn(program: string, url: string, mode: readonly string[]): Attack {
  const begunMs = performance.now();
  const amount = ['-c', String(SOCKETS), '-r', String(SOCKETS), '-i', '1', '-x', '10', '-l', String(ATTACK_SECONDS), '-p', '3'];
  const child = spawn(program, [...mode, ...amount, '-u', url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let report = '';
  child.stdout.on('data', (chunk: Buffer) => (report += stripVTControlCharacters(chunk.toString())));
  const ended = once(child, 'close').then(() => ({ seconds: (performance.now() - begunMs) / 1000, report }));
  return { isRunning: () => child.exitCode === null, ended };
}

/** What a neighbour waits for a health page, asked all the time while the condition holds. */
async function latencies(url: string, goesOn: (sinceMs: number) => boolean): Promise<readonly number[]> {
  const begunMs = performance.now();
  const seen: number[] = [];
  while (goesOn(performance.now() - begunMs)) {
    seen.push(await latency(url));
    await pause(ASKED_EVERY_MS);
  }
  return seen;
}

async function latency(url: string): Promise<number> {
  const askedMs = performance.now();
  const asked = request(`${url}/health/live`, { localAddress: NEIGHBOUR, agent: false }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  await once(answer, 'end');
  expect(answer.statusCode).toBe(200);
  return performance.now() - askedMs;
}

function p99(latenciesMs: readonly number[]): string {
  return (latenciesMs.toSorted((a, b) => a - b)[Math.floor(latenciesMs.length * 0.99)] ?? 0).toFixed(1);
}
