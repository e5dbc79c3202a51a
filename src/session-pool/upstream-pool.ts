import { BridgeError } from '../call/bridge-error.js';
import type { CallSignal } from '../call/call-signal.js';
import { CatalogKeeper } from './catalog-keeper.js';
import type { ChildExit } from './child-exit.js';
import { CrashRecord } from './crash-record.js';
import { Describer } from './describer.js';
import { Fleet, type FleetOwner } from './fleet.js';
import { Launcher } from './launcher.js';
import { Lender, type Loan } from './lender.js';
import { LentSession, type LoanWitness } from './lent-session.js';
import type { Walk } from './list-walk.js';
import type { PoolGround } from './pool-ground.js';
import type { ChildSession, PooledSession } from './pooled-session.js';
import { Quarantine } from './quarantine.js';
import type { NotLent, Reply } from './reply.js';
import { ResourceWatch } from './resource-watch.js';
import { type Probe, SessionHealth } from './session-health.js';
import type { SessionDescription } from './session-description.js';
import type { SessionNeed } from './session-need.js';
import { SizeKeeper } from './size-keeper.js';
import { SlotCount } from './slot-count.js';
import type { UpstreamChange } from './upstream-change.js';
import { statusOf, type UpstreamStatus } from './upstream-status.js';
import type { SessionListener } from './upstream-session.js';
import type { UpstreamConfig } from './upstream.config.js';

const REFRESH_WITHIN_MS = 30_000;
const REFRESH_AGAIN_MS = 1_000;

/** Everything the pool has of one upstream; ties the parts together and decides nothing itself. */
export class UpstreamPool implements FleetOwner, LoanWitness {
  readonly sizes: SizeKeeper;
  readonly slots: SlotCount;
  readonly catalogs: CatalogKeeper;
  readonly resources: ResourceWatch;
  readonly descriptions: Describer;
  readonly fleet: Fleet;
  private readonly crashes: CrashRecord;
  private readonly quarantine: Quarantine;
  private readonly lender: Lender;
  private readonly launcher: Launcher;
  private readonly health = new Map<PooledSession, SessionHealth>();

  constructor(
    private readonly config: UpstreamConfig,
    private readonly ground: PoolGround,
    private readonly tell: (change: UpstreamChange) => void,
  ) {
    this.crashes = new CrashRecord(ground.clock, ground.random);
    this.quarantine = new Quarantine(ground.clock);
    this.fleet = new Fleet(config, ground, this.crashes, this);
    this.lender = new Lender(config, ground, this.fleet, this.crashes, this.quarantine);
    this.launcher = new Launcher(config, ground, this.listener());
    this.sizes = new SizeKeeper(config, ground, this.fleet);
    this.slots = new SlotCount(config, this.fleet, this.crashes);
    this.descriptions = new Describer(config.name, this.fleet, this.crashes);
    this.catalogs = new CatalogKeeper(config.name, ground, () => this.refreshTools(), tell);
    this.resources = new ResourceWatch(config.name, ground, tell, () => this.fleet.settle());
  }

  start(): void {
    this.fleet.settle();
    this.sizes.start();
  }

  async use<T>(need: SessionNeed, signal: CallSignal, fn: (session: LentSession) => Promise<T>): Promise<T | NotLent> {
    const lent = this.lender.lend(need, signal);
    const loan = lent instanceof Promise ? await lent : lent;
    if (!('member' in loan)) return loan;
    try {
      return await fn(new LentSession(loan, this.ground.clock, this));
    } finally {
      this.lender.giveBack(loan);
    }
  }

  /** Waits for the client's own child where the upstream keeps one per client. @throws BridgeError `no_sessions`, `upstream_unavailable` */
  async open(client: string, signal: AbortSignal): Promise<SessionDescription> {
    if (this.fleet.isPerClient && !this.fleet.clients.get(client)) {
      const reply = await this.use({ kind: 'read', client, fingerprint: `open ${client}` }, signal, () => Promise.resolve());
      if (reply && !(reply.kind === 'refused' && reply.reason === 'start_failed')) {
        throw new BridgeError('no_sessions', `No session of ${this.config.name} is free for another client`);
      }
    }
    return this.descriptions.describe(signal);
  }

  status(): UpstreamStatus {
    const { health } = this.resources;
    const { hash } = this.catalogs.catalog;
    return statusOf(this.fleet, this.crashes, {
      ...(health && { health }),
      ...(hash !== undefined && { catalogHash: hash }),
      quarantined: this.quarantine.size,
    });
  }

  async close(): Promise<void> {
    this.resources.close();
    for (const health of this.health.values()) health.close();
    await this.fleet.close();
  }

  async launch(signal: AbortSignal): Promise<ChildSession> {
    const { session, tools } = await this.launcher.launch(signal);
    if (tools) this.catalogs.learned(tools, true);
    return session;
  }

  joined(member: PooledSession): void {
    const { healthCheckIntervalSeconds } = this.config;
    const replace = () => {
      this.ground.log('warn', 'child is silent and is replaced', { upstream: this.config.name, pid: member.session.pid });
      void member.session.end('term');
    };
    this.health.set(member, new SessionHealth(member, this.ground, healthCheckIntervalSeconds * 1000, this.probeOf(member), replace));
  }

  left(member: PooledSession, exit: ChildExit): void {
    const { name } = this.config;
    this.health.get(member)?.close();
    this.health.delete(member);
    this.ground.observer?.childExited(name, exit.wanted ? 'asked' : exit.reason);
    if (!exit.wanted) this.ground.log('warn', 'child ended', { upstream: name, pid: member.session.pid, ...exit });
    if (this.fleet.members.size === 0) this.catalogs.catalog.stale = true;
  }

  clientGone(client: string): void {
    this.tell({ server: this.config.name, kind: 'client_gone', client });
  }

  mayFollow(): boolean {
    this.resources.follow(this.fleet.members.values());
    return this.resources.mayFollow();
  }

  changed(): void {
    this.resources.follow(this.fleet.members.values());
    this.slots.look();
    this.descriptions.look();
    this.lender.serveWaiters();
  }

  replied({ member, need, alone }: Loan, reply: Reply, silentThroughout: boolean): void {
    this.judge(member, need, alone, reply);
    if (reply.kind === 'timed_out' && reply.sent && silentThroughout) this.doubtLater(member);
  }

  listed(method: string, walk: Walk): void {
    if (method === 'tools/list') this.catalogs.learned(walk);
  }

  private judge(member: PooledSession, need: SessionNeed, alone: boolean, reply: Reply): void {
    if (reply.kind === 'result' || reply.kind === 'rpc_error') {
      this.fleet.prove(member);
      if (alone) this.quarantine.acquit(need.fingerprint);
    }
    const crashed = reply.kind === 'lost' && reply.sent && (reply.reason === 'exit' || reply.reason === 'stdin');
    if (!crashed || !this.quarantine.crashed(need.fingerprint, alone)) return;
    this.ground.observer?.quarantined(this.config.name);
    this.ground.log('warn', 'a call that ends its child is quarantined', { upstream: this.config.name, fingerprint: need.fingerprint });
  }

  /** The call is still counted while its reply is looked at. */
  private doubtLater(member: PooledSession): void {
    this.ground.clock.after(0, () => this.health.get(member)?.doubt());
  }

  private async refreshTools(): Promise<void> {
    if (this.fleet.isPerClient || this.fleet.isClosed) return;
    const signal = AbortSignal.timeout(REFRESH_WITHIN_MS);
    const reply = await this.use({ kind: 'read', fingerprint: 'tools/list' }, signal, (session) => session.list('tools/list', signal));
    if (reply.kind === 'no_session') this.ground.clock.after(REFRESH_AGAIN_MS, () => void this.refreshTools());
  }

  private probeOf({ session }: PooledSession): Probe {
    const { healthUri } = this.resources;
    if (healthUri !== undefined) return { method: 'resources/read', params: { uri: healthUri } };
    return { method: session.description.era === '2026' ? 'server/discover' : 'ping', params: {} };
  }

  private listener(): SessionListener {
    const { name } = this.config;
    return {
      notification: (session, method, params) => {
        if (!this.catalogs.heard(method)) this.resources.heard(session, method, params);
      },
      changed: (session) => {
        if (this.fleet.members.get(session)?.hasTurned()) this.fleet.settle();
      },
      gone: (session, exit) => this.fleet.lost(session, exit),
      oddity: (kind, detail) => {
        this.ground.observer?.oddity(name, kind);
        this.ground.log('debug', 'odd line from a child', { upstream: name, kind, ...(detail !== undefined && { detail }) });
      },
      log: (level, message, fields) => this.ground.log(level, message, fields),
    };
  }
}
