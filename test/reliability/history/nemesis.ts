import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../support/a-cluster.js';
import type { Replica } from '../../support/a-replica.js';
import type { HangingWrite } from './hanging-write.js';
import type { Nanoseconds, Outage } from './history.js';
import { now } from './now.js';
import { tellRedis } from './redis-command.js';
import type { Fault, FaultName } from './schedule.js';
import { untilWhole } from './until-whole.js';

/** So many replicas are left in peace at any time, so that somebody can answer. */
const SPARED = 1;
const BETWEEN_LOOKS_MS = 100;

type ReplicaFault = 'kill_replica' | 'end_replica' | 'freeze_replica' | 'partition' | 'cut_writer';
type RedisFault = 'kill_redis' | 'lose_redis' | 'slow_redis' | 'cut_clients';

/** Does harm by schedule, one fault beside the other, and knows what it has done. */
export class Nemesis {
  readonly outages: Outage[] = [];
  readonly counts = new Map<FaultName, number>();
  /** When a Redis that had been killed was there again. */
  readonly revivals: Nanoseconds[] = [];
  /** Exit codes of replicas that were asked to leave. */
  readonly exits: (number | null)[] = [];
  /** What it could not do, or not make whole again: excuses that never ended, so that nothing after them is judged. */
  readonly failures: string[] = [];
  private readonly away = new Set<Replica>();
  private readonly underWay = new Set<Promise<void>>();
  private isRedisHurt = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly hangingWrite: () => Promise<HangingWrite | undefined>,
    private readonly log: (line: string) => void,
  ) {}

  /** Processes and servers killed so far. */
  get kills(): number {
    return (['kill_child', 'kill_replica', 'kill_redis', 'lose_redis'] as const).reduce(
      (sum, name) => sum + (this.counts.get(name) ?? 0),
      0,
    );
  }

  get faults(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  private get here(): readonly Replica[] {
    return this.cluster.replicas.filter((replica) => !this.away.has(replica));
  }

  /** Until `over`. */
  async run(faults: Iterable<Fault>, over: AbortSignal): Promise<void> {
    for (const fault of faults) {
      await pause(fault.afterMs, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted) return;
      const doing = this.strike(fault).catch((error: unknown) => this.fail(fault, error));
      this.underWay.add(doing);
      void doing.then(() => this.underWay.delete(doing));
    }
  }

  /** Resolves when everything that was hurt is whole again. */
  async calm(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async strike(fault: Fault): Promise<void> {
    switch (fault.is) {
      case 'kill_child':
        this.killChild(fault);
        return;
      case 'freeze_child':
        return this.freezeChild(fault);
      case 'kill_replica':
      case 'end_replica':
      case 'freeze_replica':
      case 'partition':
        return this.strikeReplica(fault, fault.is);
      case 'cut_writer':
        return this.cutWriter(fault);
      case 'kill_redis':
      case 'lose_redis':
      case 'slow_redis':
      case 'cut_clients':
        return this.strikeRedis(fault, fault.is);
      default:
        return fault.is satisfies never;
    }
  }

  private killChild(fault: Fault): void {
    const pid = this.aChild(fault);
    if (pid !== undefined && send(pid, 'SIGKILL')) this.note('kill_child', `child ${pid}`);
  }

  private async freezeChild(fault: Fault): Promise<void> {
    const pid = this.aChild(fault);
    if (pid === undefined || !send(pid, 'SIGSTOP')) return;
    this.note('freeze_child', `child ${pid} for ${Math.round(fault.lastsMs)} ms`);
    await pause(fault.lastsMs);
    send(pid, 'SIGCONT');
  }

  /** The one that runs a write which hangs: it has to end it before others may take the entity. */
  private async cutWriter(fault: Fault): Promise<void> {
    // two others away, which is often so, would spare it
    while (this.here.length <= SPARED) await pause(BETWEEN_LOOKS_MS);
    const writing = await this.hangingWrite();
    if (!writing) return;
    await this.strikeReplica(fault, 'cut_writer', ({ name }) => name === writing.runsOn);
    await writing.over;
  }

  /** When too many are away already, a child takes the blow. */
  private async strikeReplica(fault: Fault, is: ReplicaFault, isMeant: (replica: Replica) => boolean = () => true): Promise<void> {
    const { here } = this;
    const meant = here.filter(isMeant);
    const replica = meant[Math.floor(fault.target * meant.length)];
    if (!replica || here.length <= SPARED) {
      this.killChild(fault);
      return;
    }
    this.away.add(replica);
    try {
      this.note(is, `${replica.name} for ${Math.round(fault.lastsMs)} ms`);
      await this.hurt(replica, fault, is);
    } finally {
      this.away.delete(replica);
    }
  }

  private async hurt(replica: Replica, { lastsMs }: Fault, is: ReplicaFault): Promise<void> {
    switch (is) {
      case 'kill_replica':
        return this.outage([replica], 'killed', async () => {
          await replica.stop('SIGKILL');
          await pause(lastsMs);
          await this.cluster.startAgain(replica);
        });
      case 'end_replica':
        this.exits.push(await replica.stop('SIGTERM'));
        await pause(lastsMs);
        return this.cluster.startAgain(replica);
      case 'freeze_replica':
        return this.outage([replica], 'frozen', async () => {
          replica.signal('SIGSTOP');
          await pause(lastsMs);
          replica.signal('SIGCONT');
        });
      case 'partition':
      case 'cut_writer': {
        const { path } = replica;
        return this.outage([replica], 'cut', async () => {
          path.set('up', { as: 'hold' });
          path.set('down', { as: 'hold' });
          await pause(lastsMs);
          path.heal();
        });
      }
      default:
        return is satisfies never;
    }
  }

  private async outage(replicas: readonly Replica[], is: Outage['is'], during: () => Promise<void>): Promise<void> {
    const fromNs = now();
    // known as soon as it begins: a run may end in the middle of it
    const outages = replicas.map(({ name }) => ({ replica: name, is, fromNs, untilNs: Infinity, wholeNs: Infinity }));
    this.outages.push(...outages);
    await during();
    for (const outage of outages) outage.untilNs = now();
    await Promise.all(outages.map(async (outage, index) => (outage.wholeNs = await untilWhole(replicas[index]?.url ?? ''))));
  }

  private async strikeRedis({ lastsMs }: Fault, is: RedisFault): Promise<void> {
    if (this.isRedisHurt) return;
    this.isRedisHurt = true;
    this.note(is, `for ${Math.round(lastsMs)} ms`);
    await this.outage(this.cluster.replicas, 'cut', async () => {
      try {
        await this.hurtRedis(is, lastsMs);
      } finally {
        this.isRedisHurt = false;
      }
    });
  }

  private async hurtRedis(is: RedisFault, lastsMs: number): Promise<void> {
    const { redis } = this.cluster;
    switch (is) {
      case 'kill_redis':
      case 'lose_redis':
        await redis.kill();
        await pause(lastsMs);
        await redis.restart();
        this.revivals.push(now());
        return;
      case 'slow_redis':
        await tellRedis(redis.port, `DEBUG SLEEP ${lastsMs / 1000}`);
        return;
      case 'cut_clients':
        await tellRedis(redis.port, 'CLIENT KILL TYPE pubsub');
        await tellRedis(redis.port, 'CLIENT KILL TYPE normal SKIPME yes');
        return;
      default:
        return is satisfies never;
    }
  }

  /** Of any replica that runs. */
  private aChild({ target }: Fault): number | undefined {
    const children = this.cluster.replicas.filter((replica) => replica.isUp).flatMap((replica) => replica.children());
    return children[Math.floor(target * children.length)];
  }

  private fail({ is }: Fault, error: unknown): void {
    const what = `${is}: ${error instanceof Error ? error.message : String(error)}`;
    this.failures.push(what);
    this.log(`the nemesis itself failed: ${what}`);
  }

  private note(is: FaultName, what: string): void {
    this.counts.set(is, (this.counts.get(is) ?? 0) + 1);
    this.log(`${is} ${what}`);
  }
}

/** False when it is gone already. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
