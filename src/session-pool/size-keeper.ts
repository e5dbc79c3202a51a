import type { Fleet } from './fleet.js';
import type { PoolGround } from './pool-ground.js';
import { grownSize, scaledSize, shrunkSize } from './pool-size.js';
import type { PooledSession } from './pooled-session.js';
import type { UpstreamConfig } from './upstream.config.js';

const LOOK_EVERY_MS = 1_000;
const REST_AFTER_SCALING_MS = 5_000;

/** What the queue knows of one upstream's calls. */
export type LoadProbe = () => { readonly waiting: number; readonly avgResponseMs: number };

/** Moves the number of plain sessions with the load: up at once for a call without room, the rest once a second. */
export class SizeKeeper {
  probe?: LoadProbe;
  private restUntil = -Infinity;

  constructor(
    private readonly config: UpstreamConfig,
    private readonly ground: PoolGround,
    private readonly fleet: Fleet,
  ) {}

  start(): void {
    this.ground.clock.after(LOOK_EVERY_MS, () => {
      if (this.fleet.isClosed) return;
      this.look();
      this.start();
    });
  }

  /** One more while all that are wanted are there; a start under way is the room that was asked for. */
  grow(): void {
    if (this.fleet.isPerClient || this.serving().length < this.fleet.wanted) return;
    this.resize(grownSize(this.fleet.wanted, this.config));
  }

  private look(): void {
    if (this.fleet.isPerClient || !this.config.autoScale) return;
    if (!this.scaleUp()) this.shrink();
  }

  private scaleUp(): boolean {
    const now = this.ground.clock.now();
    if (!this.probe || now < this.restUntil) return false;
    const size = scaledSize(this.fleet.wanted, { ...this.probe(), ready: this.serving().length }, this.config);
    if (size === this.fleet.wanted) return false;
    this.restUntil = now + REST_AFTER_SCALING_MS;
    this.resize(size);
    return true;
  }

  /** Ends the session that has been idle longest, one a second. */
  private shrink(): void {
    const serving = this.serving();
    const idleSince = this.ground.clock.now() - this.config.idleTimeoutSeconds * 1000;
    const idle = serving.filter(({ calls, usedAt, isSource }) => calls === 0 && usedAt <= idleSince && !isSource);
    const oldest = idle.reduce<PooledSession | undefined>(
      (best, member) => (best && best.usedAt <= member.usedAt ? best : member),
      undefined,
    );
    if (!oldest || serving.length <= this.config.minConnections) return;
    this.fleet.wanted = shrunkSize(this.fleet.wanted, this.config);
    void oldest.session.end();
  }

  private resize(size: number): void {
    this.fleet.wanted = size;
    this.fleet.settle();
  }

  private serving(): PooledSession[] {
    return [...this.fleet.members.values()].filter(({ role, session }) => role.as === 'plain' && session.state === 'ready');
  }
}
