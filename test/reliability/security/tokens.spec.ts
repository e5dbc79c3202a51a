import { createHmac, generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { runCommand } from '../../support/a-process.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KID = 'the-issuer-2026';
const KEY = 'a key beside the tokens, for somebody else';

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow;
const claims = (over: object = {}) => ({ iss: 'https://issuer.example', aud: 'bridge', sub: 'alice', exp: seconds(60), ...over });

function token(payload: object, header: object = {}, key: KeyObject = rsa.privateKey): string {
  const body = `${encoded({ alg: 'RS256', typ: 'JWT', kid: KID, ...header })}.${encoded(payload)}`;
  return `${body}.${sign('sha256', Buffer.from(body), key).toString('base64url')}`;
}

/** The public key taken for a shared secret. */
function mixedUp(payload: object): string {
  const body = `${encoded({ alg: 'HS256', kid: KID })}.${encoded(payload)}`;
  const secret = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

describe('T19: tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  const keysFile = join(folder, 'keys.json');
  const jwt = { keys_file: keysFile, issuer: 'https://issuer.example', audience: 'bridge', tools: ['tell'] };
  let bridge: RunningBridge;

  beforeAll(async () => {
    writeFileSync(keysFile, JSON.stringify({ keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: KID, use: 'sig' }] }));
    bridge = await aBridge({
      access: { jwt, keys: [{ name: 'alice', sha256: hash('sha256', KEY) }] },
      audit: { file: '/dev/null' },
      upstreams: { telltale: upstream('telltale') },
    });
  });
  afterAll(async () => {
    await bridge.close();
    rmSync(folder, { recursive: true });
  });

  const bearer = (value: string) => ({ Authorization: `Bearer ${value}` });

  it('of the issuer open the door, with the rights of the configuration, and never reach a child', async () => {
    const good = token(claims());
    const told = await bridge.call('tell', {}, bearer(good));
    expect(told.status).toBe(200);
    expect(JSON.stringify(told.body)).not.toContain(good.slice(-40));
    expect((await bridge.call('read', {}, bearer(good))).status).toBe(403);
  });

  it('are another principal than the key of that name', async () => {
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' }, session_id: 'mine' };
    expect((await bridge.post('/mcp/initialize', hello, { 'X-API-Key': KEY })).status).toBe(200);
    expect((await bridge.call('tell', {}, { ...bearer(token(claims())), 'X-Session-ID': 'mine' })).status).toBe(404);
  });

  it('hold thirty seconds longer than they say, for clocks that differ, and no more', async () => {
    const status = async (exp: number) => (await bridge.get('/mcp/servers', bearer(token(claims({ exp }))))).status;
    expect([await status(seconds(-20)), await status(seconds(-40))]).toEqual([200, 401]);
  });

  it.each<[string, () => string]>([
    ['no signature', () => `${encoded({ alg: 'none' })}.${encoded(claims())}.`],
    ['an algorithm in capitals that is none', () => `${encoded({ alg: 'NONE' })}.${encoded(claims())}.`],
    ['the public key as a shared secret', () => mixedUp(claims())],
    ['the signature of somebody else', () => token(claims(), {}, foreign.privateKey)],
    [
      'a key of its own in the header',
      () => token(claims(), { jwk: foreign.publicKey.export({ format: 'jwk' }), kid: 'x' }, foreign.privateKey),
    ],
    ['a key to be fetched', () => token(claims(), { jku: 'http://127.0.0.1:1/keys', kid: 'x' }, foreign.privateKey)],
    ['a key id that is a path', () => token(claims(), { kid: '../../../../dev/null' })],
    ['a critical header nobody knows', () => token(claims(), { crit: ['x'], x: 1 })],
    ['another audience', () => token(claims({ aud: 'another' }))],
    ['no audience', () => token(claims({ aud: undefined }))],
    ['another issuer', () => token(claims({ iss: 'https://issuer.example.evil' }))],
    ['no expiry', () => token(claims({ exp: undefined }))],
    ['a beginning that lies ahead', () => token(claims({ nbf: seconds(3600) }))],
    ['no subject', () => token(claims({ sub: undefined }))],
    ['a subject with a line break', () => token(claims({ sub: 'a\nb' }))],
    ['a changed payload', () => token(claims()).replace(/\.[^.]+\./, `.${encoded(claims({ sub: 'root' }))}.`)],
    ['a payload that is no JSON', () => `${encoded({ alg: 'RS256' })}.AAAA.AAAA`],
  ])('with %s are refused', async (_what, make) => {
    const { status, body } = await bridge.get('/mcp/servers', bearer(make()));
    expect([status, body.error.code, body.error.data.reason]).toEqual([401, -32010, 'bad_token']);
  });

  it('need an issuer, an audience and readable public keys, or the start is refused', async () => {
    const secret = join(folder, 'secret.json');
    writeFileSync(secret, JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }));
    const check = (access: object) => runCommand(['config', 'check', '--config', JSON.stringify({ access })]);
    const [bare, shared, missing] = await Promise.all([
      check({ jwt: { keys_file: keysFile } }),
      check({ jwt: { ...jwt, keys_file: secret } }),
      check({ jwt: { ...jwt, keys_file: join(folder, 'nowhere') } }),
    ]);
    expect([bare.code, shared.code, missing.code]).toEqual([78, 78, 78]);
    expect(bare.stderr + bare.stdout).toMatch(/access\.jwt\.issuer[\s\S]*access\.jwt\.audience/);
    expect(shared.stderr + shared.stdout).toContain('no JWK set of public keys');
  });
});
