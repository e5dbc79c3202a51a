import { writeFileSync } from 'node:fs';
import { eventually } from '../../support/eventually.js';
import { said } from '../said.js';
import { BridgeContainer, call, removeContainers } from './bridge-container.js';
import { docker, inspect } from './docker.js';

const SLIM = 'http-mcp-bridge:0.1.0-slim';
const FULL = 'http-mcp-bridge:0.1.0-full';
const LARGEST_SLIM_MB = 280;
const TRUST = '/etc/ssl/certs/ca-certificates.crt';

jest.setTimeout(600_000);

describe('The image', () => {
  beforeAll(() => {
    for (const target of ['slim', 'full']) {
      const tag = `http-mcp-bridge:0.1.0-${target}`;
      docker('build', '--network', 'host', '-f', 'docker/Dockerfile', '--target', target, '-t', tag, '.');
    }
  });
  afterEach(removeContainers);

  it('has a Dockerfile without a fault that its linter knows', () => {
    // packages come from a Debian that is pinned with the base image
    expect(said('hadolint', '--ignore', 'DL3008', 'docker/Dockerfile')).toEqual({ status: 0, text: '' });
  });

  it('is as small as promised', () => {
    const megabytes = (tag: string) => Math.round(Number(docker('image', 'inspect', '-f', '{{.Size}}', tag)) / 1e6);
    process.stderr.write(`slim ${megabytes(SLIM)} MB, full ${megabytes(FULL)} MB, their base ${megabytes('node:24-trixie-slim')} MB\n`);
    expect(megabytes(SLIM)).toBeLessThan(LARGEST_SLIM_MB);
    expect(
      docker(
        'run',
        '--rm',
        '--entrypoint',
        'sh',
        SLIM,
        '-c',
        'find /app \\( -name "*.map" -o -name "*.d.ts" -o -name typescript \\) | head -1',
      ),
    ).toBe('');
  });

  it('brings along the bill of what it was made from', () => {
    const { bomFormat, components } = JSON.parse(docker('run', '--rm', '--entrypoint', 'cat', SLIM, '/app/sbom.cdx.json'));
    expect(bomFormat).toBe('CycloneDX');
    expect(components).toContainEqual(expect.objectContaining({ name: 'bullmq', version: expect.stringMatching(/^\d/) }));
    expect(components.map(({ name }: { name: string }) => name)).not.toContain('jest');
  });

  it('serves the demo house under all its limits, to who has the key it made', async () => {
    const bridge = BridgeContainer.run(SLIM);
    await bridge.untilReady();
    expect((await call(bridge.url, 'no key', 'tools/list', {})).status).toBe(401);
    const listed = await call(bridge.url, bridge.key, 'tools/list', {});
    expect(listed.json.result.tools).toHaveLength(8);
    const lamp = { name: 'call_service', arguments: { domain: 'light', service: 'turn_on', entity_id: 'light.salon_lamp' } };
    expect((await call(bridge.url, bridge.key, 'tools/call', lamp)).status).toBe(200);
    expect(bridge.log).not.toContain(bridge.key);
  });

  it('runs as nobody special and cannot change itself', async () => {
    const bridge = BridgeContainer.run(SLIM);
    await bridge.untilReady();
    expect(inspect(bridge.name).Config.User).toBe('1000:1000');
    expect(bridge.exec('id', '-u')).toBe('1000');
    expect(bridge.exec('cat', '/proc/1/comm')).toBe('tini');
    for (const path of ['/app/dist/main.js', '/app/config/bridge.yaml', '/usr/local/bin/node']) {
      expect(() => bridge.exec('sh', '-c', `echo >> ${path}`)).toThrow(/Read-only|Permission denied/);
    }
    expect(bridge.exec('stat', '-c', '%a %u', '/data/api-key', '/data/signing-key').split('\n')).toEqual(['600 1000', '600 1000']);
    expect(bridge.exec('sh', '-c', 'grep CapEff /proc/self/status')).toMatch(/0{16}$/);
  });

  it('becomes healthy, ends with 0 when told to, and keeps its key for the next start', async () => {
    docker('volume', 'create', 'kept');
    const options = ['-v', 'kept:/data', '--health-interval', '1s'];
    const first = BridgeContainer.run(SLIM, options);
    await first.untilReady();
    const { key } = first;
    const health = () => first.state.Health?.Status;
    expect(await eventually(health, (status) => status !== 'starting', 60_000)).toBe('healthy');
    expect(first.stop()).toBe(0);

    const second = BridgeContainer.run(SLIM, options);
    await second.untilReady();
    expect(second.key).toBe(key);
    removeContainers();
    docker('volume', 'rm', 'kept');
  });

  it('refuses to start without a key and without a place to make one', async () => {
    const bridge = BridgeContainer.run(SLIM, ['-e', 'BRIDGE__ACCESS__KEY_FILE=/nowhere/key']);
    expect(await bridge.ended()).toBe(78);
    expect(bridge.log).toMatch(/access\.key_file.*\/nowhere\/key/);
  });

  it.each([
    ['npx', ['-y', '@modelcontextprotocol/server-everything@2026.8.31'], 'echo'],
    ['uvx', ['--python', '/usr/bin/python3', 'mcp-server-time@2026.10.19'], 'get_current_time'],
  ])('runs a server that %s fetches, read-only root and all', async (program, args, tool) => {
    const upstream = { command: program, args, env: { NODE_EXTRA_CA_CERTS: TRUST, SSL_CERT_FILE: TRUST }, start_timeout_seconds: 120 };
    const config = `/tmp/${program}-bridge.yaml`;
    writeFileSync(config, JSON.stringify({ upstreams: { fetched: upstream } }));
    const mounts = ['-v', `${config}:/bridge.yaml:ro`, '-v', `${TRUST}:${TRUST}:ro`];
    const bridge = BridgeContainer.run(FULL, ['--network', 'host', ...mounts], ['node', 'dist/main.js', '--config', '/bridge.yaml']);
    await bridge.untilReady(180_000);
    const list = () => call(bridge.url, bridge.key, 'tools/list', {});
    // the first start fetches, which takes as long as the registry does
    const { json } = await eventually(list, ({ status }) => status === 200, 180_000);
    expect(json.result.tools.map(({ name }: { name: string }) => name)).toContain(tool);
    expect(bridge.stop()).toBe(0);
  });
});
