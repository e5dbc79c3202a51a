import { createHash } from 'node:crypto';
import type { Redis as Connection } from 'ioredis';

/** A Lua script, sent whole only to a server that does not have it. */
export class Script {
  private readonly sha: string;

  constructor(private readonly lua: string) {
    this.sha = createHash('sha1').update(lua).digest('hex');
  }

  async run(connection: Connection, keys: readonly string[], args: readonly (Buffer | number | string)[]): Promise<unknown> {
    try {
      return await connection.evalsha(this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return connection.eval(this.lua, keys.length, ...keys, ...args);
    }
  }
}
