import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { BridgeError } from '../call/bridge-error.js';
import { Config } from '../config/config.js';
import type { UpstreamConfig } from '../session-pool/upstream.config.js';

/** The configured upstreams as a caller may see them. */
@Injectable()
export class Servers {
  private readonly byName: ReadonlyMap<string, UpstreamConfig>;
  private readonly default: string;

  constructor(config: Config) {
    this.byName = new Map(config.upstreams.map((upstream) => [upstream.name, upstream]));
    this.default = config.upstreams[0]?.name ?? '';
  }

  /**
   * The server of a request: the named one, else the default one.
   * @throws BridgeError `method_not_found` when there is none of that name, `forbidden` when the key lacks it
   */
  allowed(caller: Caller, named?: string): string {
    const name = named ?? this.default;
    if (!this.byName.has(name)) throw new BridgeError('method_not_found', `Unknown server: ${name}`, { server: name });
    if (!caller.mayUse(name)) throw new BridgeError('forbidden', `This key may not use the server ${name}`, { server: name });
    return name;
  }

  visibleTo(caller: Caller): readonly { name: string; default: boolean }[] {
    return [...this.byName.keys()].filter((name) => caller.mayUse(name)).map((name) => ({ name, default: name === this.default }));
  }

  isPerClient(server: string): boolean {
    return this.byName.get(server)?.isolation === 'per_client';
  }
}
