import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import type { Values } from '../chart/chart-kit.js';
import type { Tally } from '../load.js';
import { controlPlane } from './control-plane.js';
import { Crowd, type Manner } from './crowd.js';
import { keda } from './keda.js';
import { defineCustomResources, get } from './kubectl.js';
import { Machine } from './machine.js';
import { BRIDGE, NEXT_TAG, packImages, REDIS_IMAGE } from './node-images.js';
import { realNode } from './real-node.js';
import { Release } from './release.js';

jest.setTimeout(600_000);

const READ = { kind: 'read', timeout_seconds: 120 };
const SERVER = ['echo.mjs', 'raw-lines.mjs'];
const upstream = (slow: object, sessions: number) => ({
  command: 'node',
  args: ['/config/echo.mjs'],
  min_connections: 1,
  target_connections: 1,
  max_connections: sessions,
  policy: { tools: { echo: READ, slow } },
});
const values = (echo: object): Values => ({
  image: BRIDGE,
  replicas: 2,
  redis: { bundled: { enabled: true, image: REDIS_IMAGE } },
  config: { upstreams: { echo }, rate_limiting: { enabled: false } },
  configFiles: Object.fromEntries(SERVER.map((file) => [file, readFileSync(`test/servers/${file}`, 'utf8')])),
});
const HOME = values(upstream({ kind: 'write', targets: ['/thing'], timeout_seconds: 30 }, 4));
/** Each pod runs one call at a time, so that many wait. */
const SCALED: Values = {
  ...values(upstream(READ, 1)),
  autoscaling: { keda: { enabled: true, minReplicas: 2, maxReplicas: 5, pollingIntervalSeconds: 2, cooldownSeconds: 5 } },
};

describe('A real node', () => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.start();
    await controlPlane(machine);
    await defineCustomResources(machine);
    const images = join(machine.folder, 'images.tar');
    packImages(images);
    await realNode(machine, images);
  });
  afterAll(() => machine.close());

  const crowd = async (release: Release, manner: Manner) => {
    const { 'api-key': key } = await release.secret('keys');
    return Crowd.begin(machine, `http://home-http-mcp-bridge.${release.namespace}.svc.cluster.local:3003`, key!, manner);
  };

  describe('with two replicas and the bundled Redis', () => {
    let home: Release;
    const underLoad = async (name: string, step: () => Promise<unknown>) => {
      const kept = await crowd(home, { connections: 'kept', clients: 24, kind: 'mixed' });
      const fresh = await crowd(home, { connections: 'new', clients: 8, kind: 'mixed' });
      const long = await crowd(home, { connections: 'kept', clients: 2, kind: 'long' });
      await pause(3_000);
      const begunAt = performance.now();
      await step();
      process.stderr.write(`${name} under load: ${secondsFrom(begunAt)} s\n`);
      await pause(3_000);
      const tallies = [await kept.stop(), await fresh.stop(), await long.stop()] as const;
      tell(`${name}, kept connections`, tallies[0]);
      tell(`${name}, new connections`, tallies[1]);
      tell(`${name}, calls of 8 s`, tallies[2]);
      return firstFailures(...tallies);
    };
    const tags = async () => [...new Set((await home.stayingPods()).map(({ spec }) => spec.containers[0].image.split(':')[1]))];

    beforeAll(async () => {
      home = new Release(machine, 'house');
      await home.install(HOME);
    });
    afterAll(() => home.uninstall());

    it('runs pods under every limit the chart sets', async () => {
      const [{ metadata }] = await home.pods();
      const inside = (script: string) => machine.run('kubectl', 'exec', '-n', 'house', metadata.name, '--', 'sh', '-c', script);
      expect(await inside('id -u; id -g; cat /proc/1/comm')).toBe('1000\n1000\ntini');
      expect(await inside('grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/1/status')).toMatch(/CapEff:\s+0{16}\nNoNewPrivs:\s+1\nSeccomp:\s+2/);
      expect(await inside('grep " / " /proc/mounts')).toMatch(/ ro,/);
      await expect(inside('cat /var/run/secrets/kubernetes.io/serviceaccount/token')).rejects.toThrow(/No such file/);
    });

    it('passes helm test', async () => {
      expect(await home.test()).toMatch(/4 tools/);
    });

    it('loses no call while helm upgrades to another image, and back', async () => {
      expect(await underLoad('upgrade', () => home.upgrade({ ...HOME, image: { ...BRIDGE, tag: NEXT_TAG } }))).toEqual([]);
      expect(await tags()).toEqual([NEXT_TAG]);
      expect(await underLoad('rollback', () => home.rollback())).toEqual([]);
      expect(await tags()).toEqual([BRIDGE.tag]);
    });
  });

  it.each([
    ['one pod, without Redis', { ...HOME, replicas: 1, redis: {} }, 1],
    ['front and back', { ...HOME, split: { enabled: true } }, 4],
    ['the bundled Home Assistant server, before there is a house', { image: BRIDGE }, 1],
  ])('is enough for %s', async (name, values, pods) => {
    const release = new Release(machine, name.replaceAll(/[^a-z]+/gi, '-').toLowerCase());
    await release.install(values);
    expect(await release.pods()).toHaveLength(pods);
    expect(await release.test()).toMatch(/\d tools/);
    await release.uninstall();
  });

  it('has as many pods as KEDA wants for the calls that wait, and loses none of them', async () => {
    await keda(machine);
    const home = new Release(machine, 'scaled');
    await home.install(SCALED);
    const replicas = async () => (await get(machine, 'deployment', '-n', 'scaled', 'home-http-mcp-bridge')).status.readyReplicas;
    await eventually(replicas, (count) => count === 2, 120_000);

    const begunAt = performance.now();
    const few = await crowd(home, { connections: 'kept', clients: 2, kind: 'mixed' });
    const many = await crowd(home, { connections: 'kept', clients: 60, kind: 'slow' });
    await eventually(replicas, (count) => count === 5, 180_000);
    process.stderr.write(`2 to 5 pods: ${secondsFrom(begunAt)} s\n`);
    const slow = await many.stop();
    const answeredAt = performance.now();
    // also those that still drain are gone
    await eventually(
      () => home.pods(),
      (pods) => pods.length === 2,
      180_000,
    );
    process.stderr.write(`5 to 2 pods: ${secondsFrom(answeredAt)} s after the last of them was answered\n`);
    const mixed = await few.stop();

    tell('while KEDA scaled, calls that wait', slow);
    tell('while KEDA scaled, calls beside them', mixed);
    expect(firstFailures(slow, mixed)).toEqual([]);
  });
});

function secondsFrom(begunAt: number): number {
  return Math.round((performance.now() - begunAt) / 1000);
}

function firstFailures(...tallies: readonly Tally[]): readonly string[] {
  return tallies.flatMap(({ failed }) => failed).slice(0, 5);
}

function tell(what: string, { calls, failed }: Tally): void {
  const resets = failed.filter((failure) => /ECONNRESET|socket hang up/.test(failure)).length;
  process.stderr.write(`${what}: ${calls} calls, ${failed.length} failed, ${resets} of them by a reset\n`);
}
