import { BridgeError } from '../call/bridge-error.js';
import { readHeaders } from './call-headers.js';

describe(readHeaders.name, () => {
  it('reads what it knows and leaves the rest', () => {
    expect(
      readHeaders({
        'x-priority': 'high',
        'x-timeout': '0.25',
        'x-session-id': 's',
        'x-request-id': 'r',
        'x-client-id': 'Küche',
        accept: '*/*',
      }),
    ).toEqual({ wishes: { priority: 1, timeoutMs: 250, cacheControl: {} }, session: 's', requestId: 'r', clientId: 'Küche' });
  });

  it.each([
    ['x-priority', 'URGENT', 'CRITICAL, HIGH, MEDIUM, LOW, BULK'],
    ['x-priority', '', 'CRITICAL'],
    ['x-timeout', '0', '0.001 to 300'],
    ['x-timeout', '300.1', '0.001 to 300'],
    ['x-timeout', '-1', '0.001 to 300'],
    ['x-timeout', '1e2', '0.001 to 300'],
    ['x-timeout', 'soon', '0.001 to 300'],
    ['x-timeout', '', '0.001 to 300'],
    ['x-request-id', 'with space', '1 to 128'],
    ['x-request-id', 'x'.repeat(129), '1 to 128'],
    ['x-client-id', 'x'.repeat(129), '128'],
    ['x-client-id', 'a\u0001b', 'control character'],
  ])('refuses %s: %j with words that say what it may be', (name, value, words) => {
    expect.assertions(2);
    try {
      readHeaders({ [name]: value });
    } catch (error) {
      expect(error).toBeInstanceOf(BridgeError);
      expect((error as BridgeError).message).toContain(words);
    }
  });

  it.each<[string, object]>([
    ['max-age=60', { maxAgeMs: 60_000 }],
    ['no-cache, no-store', { noCache: true, noStore: true }],
    ['Only-If-Cached', { onlyIfCached: true }],
    ['max-age="5"', { maxAgeMs: 5000 }],
    ['max-age=soon, stale-while-revalidate=1', {}],
    [';;;=,,', {}],
  ])('reads X-Cache-Control %j and skips what it cannot parse', (value, expected) => {
    expect(readHeaders({ 'x-cache-control': value }).wishes.cacheControl).toEqual(expected);
  });

  it('prefers X-Cache-Control to Cache-Control', () => {
    expect(readHeaders({ 'x-cache-control': 'max-age=1', 'cache-control': 'no-store' }).wishes.cacheControl).toEqual({ maxAgeMs: 1000 });
    expect(readHeaders({ 'cache-control': 'no-store' }).wishes.cacheControl).toEqual({ noStore: true });
  });
});
