import { createHash } from 'node:crypto';
import type { Redis as Connection } from 'ioredis';

/** A Lua script, sent whole only to a server that does not have it. */
export class Script {
  private readonly sha: string;
  private loading: Promise<unknown> | undefined;

  constructor(readonly lua: string) {
    this.sha = createHash('sha1').update(lua).digest('hex');
  }

  async run(connection: Connection, keys: readonly string[], args: readonly (Buffer | number | string)[]): Promise<unknown> {
    try {
      return await connection.evalsha(this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      await this.load(connection);
      return connection.evalsha(this.sha, keys.length, ...keys, ...args);
    }
  }

  /** Once for all that miss it at the same moment. */
  private load(connection: Connection): Promise<unknown> {
    this.loading ??= connection.script('LOAD', this.lua).finally(() => (this.loading = undefined));
    return this.loading;
  }
}
