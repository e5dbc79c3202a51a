import type { Redis as Connection } from 'ioredis';
import { Script } from '../redis/script.js';
import type { TokenGrant, TokenRate } from './shared-state.js';

/** Takes one token of the bucket under `key`, by the clock of Redis. */
export async function takeToken(connection: Connection, key: string, { capacity, refillPerSecond }: TokenRate): Promise<TokenGrant> {
  const tokenUs = Math.max(1, Math.round(1_000_000 / refillPerSecond));
  const [taken, leftUs] = (await TAKE.run(connection, [key], [capacity, tokenUs])) as [number, string];
  const left = Number(leftUs) / tokenUs;
  return {
    taken: taken === 1,
    remaining: Math.floor(left),
    retryAfterMs: left >= 1 ? 0 : Math.ceil(((1 - left) * tokenUs) / 1000),
  };
}

/**
 * A bucket is one number, the moment at which it is full again, in whole microseconds: time refills it without anybody's
 * help, and it goes when it is full. Microseconds have more digits than `..` prints.
 */
const TAKE = new Script(`
local capacity, token = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local left = capacity * token - (full - now)
if left < token then return {0, string.format('%.0f', left)} end
full = full + token
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return {1, string.format('%.0f', left - token)}
`);
