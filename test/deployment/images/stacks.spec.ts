import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { Load } from '../load.js';
import { call } from './bridge-container.js';
import { docker } from './docker.js';
import { Stack } from './stack.js';
import { standIns } from './stand-ins.js';

const BRIDGE_IMAGE = 'http-mcp-bridge:0.1.0-slim';
const ONE = ['docker/compose.yaml'];
const CLUSTER = [...ONE, 'docker/compose.cluster.yaml', 'test/deployment/images/unlimited.yaml'];

jest.setTimeout(600_000);

describe('The stacks', () => {
  let variables: Record<string, string>;
  let stack: Stack;

  beforeAll(() => {
    docker('build', '--network', 'host', '-f', 'docker/Dockerfile', '--target', 'slim', '-t', BRIDGE_IMAGE, '.');
    // Grafana is asked for zero times, and compose wants its image all the same
    variables = { ...standIns(), BRIDGE_IMAGE, GRAFANA_IMAGE: BRIDGE_IMAGE };
  });
  afterEach(() => stack.down());

  it('of one machine comes up healthy by one command and switches a lamp', async () => {
    stack = new Stack(ONE, variables);
    stack.up();
    const url = stack.url('mcp-bridge', 3003);
    const key = stack.exec('mcp-bridge', 'cat', '/data/api-key');
    const toggled = await call(url, key, 'tools/call', {
      name: 'call_service',
      arguments: { domain: 'light', service: 'toggle', entity_id: 'light.salon_lamp' },
    });
    expect(toggled).toMatchObject({ status: 200, json: { result: { isError: false } } });
    await isScraped(stack, 1);
    for (const service of ['mcp-bridge', 'redis', 'demo-house', 'prometheus']) expect(limitsOf(stack, service)).toEqual(HARDENED);
  });

  it.each([
    ['haproxy', [], 'lb'],
    ['nginx', ['--profile', 'demo', '--profile', 'nginx'], 'nginx'],
  ])('of three replicas behind %s loses no call while one of them is stopped', async (_, profile, balancer) => {
    stack = new Stack(CLUSTER, variables);
    stack.compose(
      ...profile,
      'up',
      '-d',
      '--wait',
      '--wait-timeout',
      '180',
      '--scale',
      'grafana=0',
      ...(balancer === 'lb' ? [] : ['--scale', 'lb=0']),
    );
    const key = stack.exec('mcp-bridge', 'cat', '/data/api-key');
    const url = stack.url(balancer, 3003);
    await eventually(
      async () => (await call(url, key, 'tools/list', {}).catch(() => undefined))?.status,
      (status) => status === 200,
      30_000,
    );
    await isScraped(stack, 3);

    const load = new Load(url, key, HOUSEHOLD);
    await pause(3_000);
    stack.stopOne('mcp-bridge');
    await pause(3_000);
    const { calls, failed } = await load.stop();
    process.stderr.write(`${balancer}: ${calls} calls, ${failed.length} failed\n`);
    expect(failed).toEqual([]);
    expect(calls).toBeGreaterThan(50);
  });
});

/** Looks at a lamp, and switches it every third time. */
const HOUSEHOLD = {
  next: (call: number) => {
    const lamp = { entity_id: 'light.salon_lamp' };
    if (call % 3 !== 0) return { name: 'get_entity_state', arguments: lamp };
    return { name: 'call_service', arguments: { domain: 'light', service: 'toggle', ...lamp } };
  },
};
const HARDENED = { readOnly: true, dropped: ['ALL'], options: ['no-new-privileges:true'] };

function limitsOf(stack: Stack, service: string) {
  const { HostConfig } = JSON.parse(docker('inspect', stack.containers(service)[0]!))[0];
  return { readOnly: HostConfig.ReadonlyRootfs, dropped: HostConfig.CapDrop, options: HostConfig.SecurityOpt };
}

/** Prometheus has found every replica by itself. */
async function isScraped(stack: Stack, replicas: number): Promise<void> {
  const url = `${stack.url('prometheus', 9090)}/api/v1/query?query=${encodeURIComponent('sum(up{job="http-mcp-bridge"})')}`;
  const seen = async () => ((await (await fetch(url)).json()) as any).data.result[0]?.value[1];
  await eventually(seen, (value) => value === String(replicas), 60_000);
}
