import { hash } from 'node:crypto';
import { upstream } from '../../support/a-bridge.js';
import { aProcess } from '../../support/a-process.js';

const KEY = 'canary-key-51e2d84b067f3a9c';
const TOKEN = 'canary-token-9c51e2d84b067f3a';
const WRONG = 'canary-wrong-067f3a9c51e2d84b';
const ARGUMENT = 'canary-argument-84b067f3a9c51e2d';

describe('T22: secrets', () => {
  it('of keys, children and arguments are in no log line, answer or metric, at any level', async () => {
    const bridge = await aProcess([
      '--config',
      JSON.stringify({
        logging: { level: 'DEBUG' },
        access: { keys: [{ name: 'a', sha256: hash('sha256', KEY) }] },
        upstreams: { telltale: upstream('telltale', [], { env: { TELLTALE_TOKEN: TOKEN } }) },
      }),
    ]);
    const answers: string[] = [];
    const send = async (path: string, key: string, body?: string) => {
      const headers = { 'X-API-Key': key, 'Content-Type': 'application/json' };
      const response = await fetch(bridge.url + path, { headers, ...(body !== undefined && { method: 'POST', body }) });
      answers.push(await response.text());
      return response.status;
    };
    const call = (name: string) => JSON.stringify({ name, arguments: { password: ARGUMENT } });
    const statuses = [
      await send('/mcp/tools/call', KEY, call('fail')),
      await send('/mcp/tools/call', KEY, call('unknown')),
      await send('/mcp/tools/call', WRONG, call('fail')),
      await send('/mcp/tools/call', KEY, `{"name": ${ARGUMENT}`),
    ];
    for (const path of ['/metrics', '/health', '/mcp/status', '/mcp/servers', '/docs/openapi.json']) await send(path, KEY);
    expect(await bridge.stop()).toBe(0);
    expect(statuses).toEqual([502, 400, 401, 400]);
    expect(bridge.output()).toContain('failing over');
    expect([bridge.output(), ...answers].filter((text) => text.includes('canary-'))).toEqual([]);
  }, 20_000);
});
