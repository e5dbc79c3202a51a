import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { AnswerCache } from '../cache/answer-cache.js';
import { isJsonObject, type JsonObject } from '../call/json.js';
import { Config } from '../config/config.js';
import { Policy } from '../policy/policy.js';
import { SessionPool, type UpstreamChange } from '../session-pool/session-pool.js';
import { DedicatedClients } from './dedicated-clients.js';

/** What the upstreams tell of themselves: cached answers go stale, groups are learned, a client session ends with its child. */
@Injectable()
export class UpstreamChanges implements OnModuleInit {
  private readonly logger = new Logger(UpstreamChanges.name);

  constructor(
    private readonly config: Config,
    private readonly policy: Policy,
    private readonly pool: SessionPool,
    private readonly cache: AnswerCache,
    private readonly clients: DedicatedClients,
  ) {}

  onModuleInit(): void {
    for (const { name } of this.config.upstreams) this.pool.watch(name, this.policy.of(name));
    this.pool.onChange((change) => {
      this.apply(change).catch((error: unknown) => this.logger.error('A change told by an upstream could not be applied', error));
    });
  }

  private async apply(change: UpstreamChange): Promise<void> {
    const { server } = change;
    switch (change.kind) {
      case 'catalog':
        return this.cache.invalidate(server, ['catalog'], 'list_changed');
      case 'restarted':
        return this.cache.invalidateAll(server, 'restart');
      case 'feed':
        this.cache.feedIs(server, change.live);
        return;
      case 'resource_updated':
        return this.resourceUpdated(server, change.uri, change.meta);
      case 'groups':
        this.policy.learnGroups(server, change.table);
        return;
      case 'client_gone':
        return this.clients.lost(server, change.client);
      default:
        return change satisfies never;
    }
  }

  /** Without a list of keys the upstream says that anything may have changed. */
  private async resourceUpdated(server: string, uri: string, meta: JsonObject | undefined): Promise<void> {
    if (uri !== this.policy.of(server).changes) return;
    const keys = isJsonObject(meta) ? meta['bridge/changed'] : undefined;
    if (!Array.isArray(keys)) return this.cache.invalidateAll(server, 'changed_all');
    const named = keys.filter((key) => typeof key === 'string');
    await this.cache.invalidate(server, this.policy.changedTags(server, named), 'feed');
  }
}
