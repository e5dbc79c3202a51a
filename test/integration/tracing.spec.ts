import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../support/redis-server.js';
import { aTraceCollector, type ReceivedSpan, type TraceCollector } from '../support/trace-collector.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const SECRET = 'a-word-nobody-should-read';

jest.setTimeout(60_000);

const SETTINGS = { shutdown: { delay_seconds: 0, timeout_seconds: 1 } };

describe('A traced call', () => {
  let collector: TraceCollector;
  const bridges: RunningBridge[] = [];

  beforeEach(async () => {
    collector = await aTraceCollector();
  });
  afterEach(async () => {
    await Promise.all(bridges.splice(0).map((bridge) => bridge.close()));
    await collector.close();
  });

  const begin = async (settings: object) => {
    const bridge = await aBridge({ ...SETTINGS, tracing: { enabled: true, endpoint: collector.url }, ...settings });
    bridges.push(bridge);
    return bridge;
  };
  const endAll = () => Promise.all(bridges.splice(0).map((bridge) => bridge.close()));

  it('is one trace from its caller to the child, a span in a span for each stage', async () => {
    const bridge = await begin({ upstreams: { told: upstream('telltale') } });
    const { status, body } = await bridge.call('tell', { secret: SECRET }, { traceparent: `00-${TRACE}-${CALLER}-01` });
    await endAll();

    expect(status).toBe(200);
    const spans = await collector.trace((trace) => trace.length === 6);
    expect(outline(spans)).toEqual(
      ['POST /mcp/tools/call < caller', 'plan < http', 'cache < http', 'queue < cache', 'execute < queue', 'mcp < execute'].sort(),
    );
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const told = JSON.parse(body.content[0].text);
    expect(told.meta.traceparent).toBe(`00-${TRACE}-${span(spans, 'mcp').spanId}-01`);
    expect(span(spans, 'mcp').attributes).toEqual({ 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'tell' });
    expect(JSON.stringify(spans)).not.toContain(SECRET);
  });

  it('is one trace also where another replica runs it', async () => {
    const redis: RedisServer = await aRedisServer();
    try {
      const prefix = freshPrefix();
      const settings = {
        redis: { url: redis.url, prefix },
        upstreams: { echo: upstream('echo', [], { min_connections: 1, target_connections: 1, max_connections: 1 }) },
      };
      const one = await begin(settings);
      await begin(settings);
      // more than one replica may run at once
      const calls = Array.from({ length: 12 }, () => one.call('slow', { ms: 100 }));
      for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
      await endAll();

      const isShared = (spans: readonly ReceivedSpan[]) => new Set(spans.map(({ resource }) => resource['service.instance.id'])).size === 2;
      const spans = await collector.trace((trace) => trace.length === 6 && isShared(trace));
      expect(outline(spans)).toEqual(
        ['POST /mcp/tools/call < nobody', 'plan < http', 'cache < http', 'queue < cache', 'execute < queue', 'mcp < execute'].sort(),
      );
      const homeOf = (name: string) => span(spans, name).resource['service.instance.id'];
      expect(homeOf('queue')).toBe(homeOf('cache'));
      expect(homeOf('mcp')).toBe(homeOf('execute'));
      expect(homeOf('execute')).not.toBe(homeOf('queue'));
    } finally {
      await endAll();
      await redis.close();
    }
  });

  it('shows where it failed', async () => {
    const bridge = await begin({ upstreams: { echo: upstream('echo') } });
    expect((await bridge.call('crash')).status).toBeGreaterThanOrEqual(500);
    await endAll();
    const spans = await collector.trace((trace) => trace.length === 6);
    expect(spans.filter(({ failed }) => failed).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['mcp', 'execute', 'POST /mcp/tools/call']),
    );
    expect(span(spans, 'plan').failed).toBe(false);
  });

  it('is kept or not as its caller says, and told to the child in either case', async () => {
    const bridge = await begin({ upstreams: { told: upstream('telltale') } });
    const { body } = await bridge.call('tell', {}, { traceparent: `00-${TRACE}-${CALLER}-00` });
    await endAll();
    expect(JSON.parse(body.content[0].text).meta.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(collector.spans).toEqual([]);
  });

  it('leaves probes and scrapes alone', async () => {
    const bridge = await begin({ upstreams: { told: upstream('telltale') } });
    await bridge.get('/health/ready');
    await bridge.get('/metrics');
    await bridge.call('tell');
    await endAll();
    expect(new Set((await collector.trace((trace) => trace.length === 6)).map(({ traceId }) => traceId)).size).toBe(1);
    expect(collector.spans).toHaveLength(6);
  });
});

describe('Tracing', () => {
  it.each([
    ['is away', (server: ReturnType<typeof createServer>) => server.close()],
    ['takes everything and never answers', () => undefined],
  ])('holds up neither a call nor the end when the collector %s', async (_, prepare) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    prepare(silent);
    const tracing = { enabled: true, endpoint: `http://127.0.0.1:${port}/v1/traces` };
    const bridge = await aBridge({ ...SETTINGS, tracing, upstreams: { echo: upstream('echo') } });
    for (let n = 0; n < 20; n += 1) expect((await bridge.call('echo', { text: String(n) })).status).toBe(200);
    await bridge.close();
    silent.close();
  });

  it('tells a child nothing when it is off, whatever the caller sends', async () => {
    const bridge = await aBridge({ ...SETTINGS, upstreams: { told: upstream('telltale') } });
    const { body } = await bridge.call('tell', {}, { traceparent: `00-${TRACE}-${CALLER}-01` });
    await bridge.close();
    expect(JSON.parse(body.content[0].text).meta).not.toHaveProperty('traceparent');
  });
});

function span(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  return spans.find((candidate) => candidate.name === name)!;
}

/** Each span with the one it lies in, in the order of the alphabet. */
function outline(spans: readonly ReceivedSpan[]): string[] {
  const nameOf = (id: string | undefined) => {
    if (!id) return 'nobody';
    if (id === CALLER) return 'caller';
    const { name = 'stranger' } = spans.find(({ spanId }) => spanId === id) ?? {};
    return name.startsWith('POST') ? 'http' : name;
  };
  return spans.map(({ name, parentSpanId }) => `${name} < ${nameOf(parentSpanId)}`).sort();
}
