import type { JsonObject } from '../call/json.js';
import type { Walk } from './list-walk.js';
import type { PoolGround } from './pool-ground.js';
import { ToolCatalog } from './tool-catalog.js';
import type { UpstreamChange } from './upstream-change.js';

/** Servers announce one change in bursts. */
const QUIET_MS = 250;

const LISTS = {
  'notifications/tools/list_changed': 'tools',
  'notifications/resources/list_changed': 'resources',
  'notifications/prompts/list_changed': 'prompts',
} as const;

/** Keeps the catalog of one upstream true, and tells when it moves. */
export class CatalogKeeper {
  readonly catalog = new ToolCatalog();
  private cancelRefresh?: () => void;

  constructor(
    private readonly server: string,
    private readonly ground: PoolGround,
    /** Lists the tools on some healthy session. */
    private readonly fetch: () => Promise<void>,
    private readonly tell: (change: UpstreamChange) => void,
  ) {}

  /** @returns whether the notification was about a list */
  heard(method: string): boolean {
    if (!Object.hasOwn(LISTS, method)) return false;
    const list = LISTS[method as keyof typeof LISTS];
    this.tell({ server: this.server, kind: 'catalog', list });
    if (list !== 'tools') return true;
    this.catalog.stale = true;
    this.cancelRefresh?.();
    this.cancelRefresh = this.ground.clock.after(QUIET_MS, () => void this.fetch());
    return true;
  }

  /** @param newborn the child that told it has just started: then another list means another server */
  learned({ reply, cutShort, leftOut }: Walk, newborn = false): void {
    if (cutShort) {
      this.ground.observer?.oddity(this.server, 'list_cut_short');
      this.ground.log('warn', 'list of tools cut short', { upstream: this.server, reason: cutShort });
    }
    if (leftOut !== undefined) {
      this.ground.observer?.oddity(this.server, 'unsayable_name');
      this.ground.log('warn', 'tools left out: their names are too long, or something is hidden in them', {
        upstream: this.server,
        leftOut,
      });
    }
    if (reply.kind === 'result') this.replace(reply.result, newborn);
  }

  private replace(list: JsonObject, newborn: boolean): void {
    const before = this.catalog.hash;
    if (!this.catalog.replace(list)) return;
    this.ground.log('info', 'the tools changed', { upstream: this.server, before, after: this.catalog.hash });
    this.ground.observer?.catalogChanged(this.server);
    if (newborn) {
      this.ground.observer?.oddity(this.server, 'catalog_drift');
      this.tell({ server: this.server, kind: 'restarted' });
    }
    this.tell({ server: this.server, kind: 'catalog', list: 'tools' });
  }
}
