import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { amount } from '../../support/amount.js';

const NAMES = amount(100_000, 300);
const AT_ONCE = 32;

describe('T23: metric series', () => {
  let bridge: RunningBridge;
  beforeAll(async () => {
    bridge = await aBridge({
      audit: { file: '/dev/null' },
      monitoring: { prometheus_enabled: true, prometheus_port: 0 },
      upstreams: { echo: upstream('echo', [], { policy: { tools: { echo: { kind: 'write', targets: ['/text'] } } } }) },
    });
    await bridge.post('/mcp/tools/list', {});
  });
  afterAll(() => bridge.close());

  /** Every place where a caller may write a name. */
  async function hostile(n: number): Promise<void> {
    const name = `hostile-${n}`;
    const headers = { 'X-Client-ID': name, 'X-Request-ID': name, 'X-Session-ID': name };
    if (n % 4 === 0) await bridge.call(name, { text: name }, headers);
    else if (n % 4 === 1) await bridge.call('echo', { text: name }, { 'X-Client-ID': name, 'X-Request-ID': name });
    else if (n % 4 === 2) await bridge.get(`/mcp/servers/${name}/${name}`);
    else await bridge.request(`/${name}`, { method: 'DELETE', headers });
  }

  async function storm(from: number, to: number): Promise<void> {
    let next = from;
    const worker = async () => {
      while (next < to) await hostile(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  async function series(): Promise<readonly string[]> {
    const { body } = await bridge.get('/metrics');
    const lines = (body as string).split('\n').filter((line) => line !== '' && !/^(#|nodejs_|process_)/.test(line));
    return lines.map((line) => line.slice(0, line.lastIndexOf(' '))).sort();
  }

  it(`are the same before and after ${NAMES} hostile names`, async () => {
    // the first few of each kind bring the series of a refused call, an unknown route and so on
    await storm(0, 40);
    await series();
    const before = await series();
    await storm(40, NAMES);
    const after = await series();
    expect(after).toEqual(before);
    expect(after.join('\n')).not.toContain('hostile-');
  }, 400_000);
});
