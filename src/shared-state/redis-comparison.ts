import type { Redis as Connection } from 'ioredis';
import { Script } from '../redis/script.js';

/** Values are compared as text: what was parsed from a text of ours is written as the same text again. */
export async function putIfUnchanged(connection: Connection, key: string, known: string, value: string, ttlMs: number): Promise<boolean> {
  return (await PUT.run(connection, [key], [known, value, ttlMs])) === 1;
}

export async function deleteIfUnchanged(connection: Connection, key: string, known: string): Promise<boolean> {
  return (await DELETE.run(connection, [key], [known])) === 1;
}

const UNLESS_CHANGED = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
`;

const PUT = new Script(`${UNLESS_CHANGED}redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`);

const DELETE = new Script(`${UNLESS_CHANGED}return redis.call('DEL', KEYS[1])
`);
