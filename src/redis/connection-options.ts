import type { RedisOptions } from 'ioredis';

/** What a connection is for decides how it bears a Redis that is slow or away. */
export type ConnectionUse = 'command' | 'work' | 'sub' | 'bull';

const RECONNECT_MS = { first: 50, atMost: 1000, jitter: 50 };

/**
 * - `command`: somebody waits for the answer, so that it fails soon and is never sent twice. What is sent in the first
 *   moments of an interruption is queued and goes out on the new connection, even when its sender has given up.
 * - `work`: what must reach Redis however long it takes, and may arrive twice.
 * - `sub`: messages only; a half-open socket is silent, so it is asked for a sign of life.
 * - `bull`: BullMQ's, whose blocking reads wait longer than our own commands.
 */
export function connectionOptions(use: ConnectionUse, replica: string): RedisOptions {
  return { ...COMMON, ...BY_USE[use], connectionName: `http-mcp-bridge:${use}:${replica}` };
}

const COMMON: RedisOptions = {
  retryStrategy: (attempt) => {
    const backOffMs = RECONNECT_MS.first * 2 ** Math.min(attempt - 1, 10);
    return Math.min(backOffMs, RECONNECT_MS.atMost) + Math.random() * RECONNECT_MS.jitter;
  },
  connectTimeout: 2000,
  keepAlive: 10_000,
  // a primary that became a replica: a new connection leads to the new one, where the address does
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
};

const BY_USE: Readonly<Record<ConnectionUse, RedisOptions>> = {
  command: { commandTimeout: 1500, maxRetriesPerRequest: 1, autoResendUnfulfilledCommands: false, socketTimeout: 3000 },
  work: {
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: true,
    socketTimeout: 3000,
    // and there the command goes out again
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  },
  // it subscribes by itself, so that it knows when nothing is missed any more
  sub: { maxRetriesPerRequest: null, autoResubscribe: false, socketTimeout: 3000 },
  bull: { maxRetriesPerRequest: null, socketTimeout: 10_000 },
};
