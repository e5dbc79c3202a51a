import { join } from 'node:path';
import { GATE_TIMES } from '../../../src/queue/bullmq/gate-times.js';
import { Cluster, type ClusterOptions } from '../../support/a-cluster.js';
import { Caller, type CallerOptions } from './caller.js';
import { ClientLog } from './client-log.js';
import { type History, NS_PER_MS, type Outage } from './history.js';
import { ledgerSettings } from './ledger-settings.js';
import { PidWatch } from './pid-watch.js';
import { Random } from './random.js';
import { recordedAudit, recordedLedger } from './recorded.js';
import { StallWatch } from './stall-watch.js';

export interface RigOptions extends Pick<ClusterOptions, 'replicas' | 'balancer' | 'program'> {
  readonly seed: number;
  /** Of the queue under test. */
  readonly leaseMs?: number;
}

export type CallersOptions = Partial<Pick<CallerOptions, 'budgetMs' | 'workMs' | 'attempts' | 'wish'>> & {
  readonly count?: number;
  /** Absent: through the balancer. */
  readonly url?: (caller: number) => string;
};

/** A cluster over ledger children, callers before it, and everything that tells afterwards what happened. */
export class Rig {
  readonly log: ClientLog;
  private readonly watch: PidWatch;
  private readonly stallWatch = new StallWatch();
  private crowds = 0;
  private watched?: ReturnType<PidWatch['stop']>;

  private constructor(
    readonly cluster: Cluster,
    readonly ledger: string,
    private readonly options: RigOptions,
  ) {
    this.log = new ClientLog(join(cluster.folder, 'clients.jsonl'));
    this.watch = new PidWatch(ledger);
  }

  static async start(options: RigOptions): Promise<Rig> {
    const cluster = await Cluster.prepare({ ...options, settings: (folder) => ledgerSettings(join(folder, 'ledger.jsonl')) });
    const rig = new Rig(cluster, join(cluster.folder, 'ledger.jsonl'), options);
    try {
      await cluster.start(options.balancer);
      return rig;
    } catch (error) {
      await rig.close();
      throw error;
    }
  }

  get folder(): string {
    return this.cluster.folder;
  }

  /** Resolves when `over` and everything that was asked is answered, or given up. */
  async call(over: AbortSignal, { count = 20, url, ...options }: CallersOptions = {}): Promise<void> {
    const crowd = (this.crowds += 1);
    const callers = [...Array(count).keys()].map((n) => this.caller(crowd, n, { ...options, ...(url && { url: () => url(n) }) }));
    await Promise.all(callers.map((caller) => caller.run(over)));
  }

  /** One caller asks for one thing. */
  askOnce(options: Partial<CallerOptions>): ReturnType<Caller['askOnce']> {
    const caller = this.caller((this.crowds += 1), 0, { attempts: 1, ...options });
    const { op, answered } = caller.askOnce();
    return { op, answered: answered.finally(() => caller.close()) };
  }

  private caller(crowd: number, n: number, options: Partial<CallerOptions>): Caller {
    return new Caller({
      name: `c${crowd}.${n}`,
      url: () => this.cluster.url,
      log: this.log,
      random: new Random(this.options.seed * 1_000 + crowd * 100 + n),
      budgetMs: [3_000, 10_000],
      workMs: [2, 40],
      attempts: 4,
      ...options,
    });
  }

  /** Everything that is known; ask when nothing runs any more. */
  history(outages: readonly Outage[] = []): History {
    this.log.flush();
    this.watched ??= this.watch.stop();
    const { replicas } = this.cluster;
    const names = new Map(replicas.map(({ port, name }) => [port, name]));
    const served = this.options.balancer ? this.cluster.front.served() : [];
    const holders = new Map<string, string>();
    for (const { name, port = 0 } of served) {
      const holder = names.get(port);
      if (holder !== undefined) holders.set(name, holder);
    }
    return {
      ledger: recordedLedger(this.ledger),
      clients: this.log.events,
      audit: recordedAudit(replicas.map(({ auditFile }) => auditFile)),
      lastAlive: this.watched,
      outages,
      stalls: this.stallWatch.stalls,
      leaseMs: this.options.leaseMs ?? GATE_TIMES.leaseMs,
      holders,
      heldNs: new Map(served.map(({ name, heldMs }) => [name, heldMs * NS_PER_MS])),
    };
  }

  /** @param keep leaves the files where they are, for people to read */
  async close(keep = false): Promise<void> {
    this.watched ??= this.watch.stop();
    this.stallWatch.stop();
    await this.cluster.close(keep);
  }
}
