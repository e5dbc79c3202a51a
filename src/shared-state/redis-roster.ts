import type { Redis as Connection } from 'ioredis';
import { Script } from '../redis/script.js';

/** Puts a member on the roster under `key`, by the clock of Redis. */
export async function joinRoster(connection: Connection, key: string, member: string, ttlMs: number, capacity: number): Promise<boolean> {
  return (await JOIN.run(connection, [key], [member, ttlMs, capacity])) === 1;
}

export async function membersOf(connection: Connection, key: string): Promise<readonly string[]> {
  return (await MEMBERS.run(connection, [key], [])) as string[];
}

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** A roster is a sorted set: each member by the moment, in milliseconds, at which its time is over. It goes with the last. */
const JOIN = new Script(`${NOW}
local member, ttl, capacity = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= capacity and not redis.call('ZSCORE', KEYS[1], member) then return 0 end
redis.call('ZADD', KEYS[1], now + ttl, member)
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
return 1
`);

const MEMBERS = new Script(`${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
`);
