import { createHash } from 'node:crypto';
import type { Redis as Connection } from 'ioredis';

/** What each connection has brought to the server that it leads to; another one may be there when it is made anew. */
const brought = new WeakMap<Connection, Set<Script>>();

/** A Lua script that is run by its hash. Commands of one connection run in the order in which they were given, its first included. */
export class Script {
  private readonly sha: string;

  constructor(readonly lua: string) {
    this.sha = createHash('sha1').update(lua).digest('hex');
  }

  async run(connection: Connection, keys: readonly string[], args: readonly (Buffer | number | string)[]): Promise<unknown> {
    this.bring(connection);
    try {
      return await connection.evalsha(this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      // somebody had the server forget all scripts
      return connection.eval(this.lua, keys.length, ...keys, ...args);
    }
  }

  /** Not awaited: it goes before whatever is given to the connection next. */
  private bring(connection: Connection): void {
    const scripts = broughtBy(connection);
    if (scripts.has(this)) return;
    scripts.add(this);
    connection.script('LOAD', this.lua).catch(() => scripts.delete(this));
  }
}

function broughtBy(connection: Connection): Set<Script> {
  const known = brought.get(connection);
  if (known) return known;
  const scripts = new Set<Script>();
  brought.set(connection, scripts);
  connection.on('close', () => scripts.clear());
  return scripts;
}
