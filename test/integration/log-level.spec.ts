import { hash } from 'node:crypto';
import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';

const OPERATOR = { 'X-API-Key': 'the key of whoever looks after it' };
const USER = { 'X-API-Key': 'the key of somebody who calls tools' };

describe('The level of the log', () => {
  let bridge: RunningBridge;
  const put = (body: unknown, who: object) =>
    bridge.request('/mcp/log-level', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', ...who },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    const key = (name: string, secret: string) => ({ name, sha256: hash('sha256', secret), operator: name === 'operator' });
    bridge = await aBridge({
      access: { keys: [key('operator', OPERATOR['X-API-Key']), key('user', USER['X-API-Key'])] },
      upstreams: { echo: upstream('echo') },
    });
  });
  afterAll(() => bridge.close());

  it('is changed by an operator while the bridge runs', async () => {
    expect((await bridge.get('/mcp/log-level', OPERATOR)).body).toEqual({ level: 'ERROR' });
    expect(await put({ level: 'WARNING' }, OPERATOR)).toMatchObject({ status: 200, body: { level: 'WARNING' } });
    expect((await bridge.get('/mcp/log-level', OPERATOR)).body).toEqual({ level: 'WARNING' });
    await put({ level: 'ERROR' }, OPERATOR);
  });

  it('is nothing that a user of tools may see or change', async () => {
    expect([(await put({ level: 'DEBUG' }, USER)).status, (await bridge.get('/mcp/log-level', USER)).status]).toEqual([403, 403]);
    expect((await put({ level: 'DEBUG' }, {})).status).toBe(401);
  });

  it.each([[{ level: 'debug' }], [{}], [[]], ['DEBUG'], [{ level: { DEBUG: 1 } }]])('is not %j', async (body) => {
    const { status, body: answer } = await put(body, OPERATOR);
    expect([status, answer.error.code]).toEqual([400, -32602]);
  });
});
