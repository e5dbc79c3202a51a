import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upstream } from '../../support/a-bridge.js';
import { aProcess, runCommand } from '../../support/a-process.js';

/** Each has a place of its own. */
const PLACES = [
  ...(['key', 'fileKey', 'wrongKey', 'bearer', 'basic', 'cookie', 'query'] as const),
  ...(['argument', 'nested', 'broken', 'unknownTool', 'uri', 'prompt'] as const),
  ...(['token', 'password', 'url', 'own', 'ours', 'mounted', 'flag'] as const),
];
const canaries = Object.fromEntries(
  PLACES.map((place) => [place, `canary-${place}-${hash('sha256', `canary ${place}`).slice(0, 24)}`]),
) as Record<(typeof PLACES)[number], string>;
const foundIn = (text: string) => PLACES.filter((place) => text.includes(canaries[place]));

describe('T22: secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'canaries-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('of keys, headers, children and arguments are in no log line, answer, metric or audit row, at any level', async () => {
    const { token, password, url, own, ours, mounted, flag } = canaries;
    writeFileSync(join(folder, 'key'), `${canaries.fileKey}-${'x'.repeat(32)}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'mounted'), mounted);
    const log = join(folder, 'bridge.log');
    const config = {
      logging: { level: 'DEBUG', file: log },
      audit: { file: join(folder, 'audit.jsonl') },
      access: { key_file: join(folder, 'key'), keys: [{ name: 'a', sha256: hash('sha256', canaries.key) }] },
      upstreams: {
        telltale: upstream('telltale', ['--token', '${ARGUMENT_SECRET}'], {
          env: { TELLTALE_TOKEN: token, DB_PASSWORD: password, DB_URL: `postgres://me:${url}@db/x`, PLAIN: own },
        }),
        broken: upstream('misbehaving', ['crash-at-start'], { env: { API_KEY: flag } }),
      },
    };
    const bridge = await aProcess(['--config', JSON.stringify(config)], {
      SOME_SECRET: ours,
      HASS_TOKEN_FILE: join(folder, 'mounted'),
      ARGUMENT_SECRET: flag,
    });
    const answers: string[] = [];
    const send = async (path: string, headers: Record<string, string>, body?: string) => {
      const response = await fetch(bridge.url + path, {
        headers: { 'Content-Type': 'application/json', ...headers },
        ...(body !== undefined && { method: 'POST', body }),
      });
      answers.push(await response.text(), JSON.stringify([...response.headers]));
      return response.status;
    };
    const key = { 'X-API-Key': canaries.key };
    const call = (name: string, args: object) => JSON.stringify({ name, arguments: args });
    const statuses = [
      await send('/mcp/tools/call', key, call('fail', { password: canaries.argument, deep: { pin: canaries.nested } })),
      await send('/mcp/tools/call', key, call('unknown', { code: canaries.unknownTool })),
      await send('/mcp/tools/call', { 'X-API-Key': canaries.wrongKey }, call('fail', {})),
      await send('/mcp/tools/call', { Authorization: `Bearer ${canaries.bearer}` }, call('fail', {})),
      await send('/mcp/tools/call', { Authorization: `Basic ${canaries.basic}` }, call('fail', {})),
      await send('/mcp/tools/call', { ...key, Cookie: `session=${canaries.cookie}` }, call('fail', {})),
      await send(`/mcp/tools/call?token=${canaries.query}`, key, call('fail', {})),
      await send('/mcp/tools/call', key, `{"name": ${canaries.broken}`),
      await send('/mcp/resources/read', key, JSON.stringify({ uri: `x://me:${canaries.uri}@y/` })),
      await send('/mcp/prompts/get', key, JSON.stringify({ name: 'p', arguments: { secret: canaries.prompt } })),
      await send('/mcp/servers/broken/tools/list', { ...key, 'X-Timeout': '1' }, '{}'),
    ];
    for (const path of ['/metrics', '/health', '/mcp/status', '/mcp/servers', '/docs/openapi.json']) await send(path, key);
    expect(await bridge.stop()).toBe(0);

    expect(statuses.slice(0, 8)).toEqual([502, 400, 401, 401, 401, 502, 502, 400]);
    const written = [bridge.output(), readFileSync(log, 'utf8'), readFileSync(join(folder, 'audit.jsonl'), 'utf8'), ...answers].join('\n');
    expect(written).toContain('failing over');
    expect(foundIn(written)).toEqual([]);
    expect(PLACES).toHaveLength(20);
  }, 40_000);

  it('are not told by a start that is refused, nor by what is printed of a configuration', async () => {
    const { token, password } = canaries;
    const env = { HASS_TOKEN: token, BRIDGE__ACCESS__KEYS: `[{name: a, sha256: ${password}}]`, BRIDGE__QUEUE__MAX_SIZE: canaries.key };
    const refused = await runCommand(['config', 'check'], env);
    const printed = await runCommand(['config', 'print'], { HASS_TOKEN: token, HASS_URL: 'http://ha:8123' });
    expect([refused.code, printed.code]).toEqual([78, 0]);
    const said = [refused.stdout, refused.stderr, printed.stdout, printed.stderr].join('\n');
    expect(foundIn(said)).toEqual([]);
  }, 20_000);
});
