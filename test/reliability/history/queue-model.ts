import type { Outcome } from '../../../src/call/outcome.js';
import { QueueConfig } from '../../../src/queue/queue.config.js';
import { EmbeddedWorkQueue } from '../../../src/queue/embedded/embedded-work-queue.js';
import type { Job, JobSpec, Ticket, Verdict } from '../../../src/queue/work-queue.js';
import { ManualClock, settled } from '../../support/manual-clock.js';
import type { Answer, AuditRow, ClientEvent, History, LedgerLine, Nanoseconds, Value } from './history.js';
import { NS_PER_MS } from './history.js';

/** One thing that happens in a world of callers, a queue and children. */
export type Step =
  | {
      readonly is: 'ask';
      readonly kind: 'read' | 'write';
      readonly entities: readonly string[];
      readonly priority: JobSpec['priority'];
      readonly budgetMs: number;
    }
  | { readonly is: 'ask_again' | 'leave' | 'finish' | 'crash'; readonly which: number }
  | { readonly is: 'wait'; readonly ms: number };

interface Asking {
  readonly op: string;
  readonly step: Extract<Step, { is: 'ask' }>;
  attempts: number;
  readonly leave: AbortController;
}

interface Running {
  readonly line: Omit<LedgerLine, 'ev' | 'ns' | 'value'>;
  readonly end: (verdict: Verdict) => void;
}

const SLOTS = 3;
const HOLD_MS = 50;
/** The upstream ends a call that nobody waits for within its hold. */
const KILLED_AFTER_MS = 20;

/** A queue in memory among callers and children that are numbers; it leaves the same history behind as real ones do. */
export class QueueModel {
  private readonly clock = new ManualClock();
  private readonly queue: EmbeddedWorkQueue;
  private readonly ledger: LedgerLine[] = [];
  private readonly clients: ClientEvent[] = [];
  private readonly audit: AuditRow[] = [];
  private readonly lastAlive = new Map<number, Nanoseconds[]>();
  private readonly registers = new Map<string, string>();
  private readonly asked: Asking[] = [];
  private readonly running: Running[] = [];
  private moments = 0;
  private children = 0;

  constructor(private readonly options: { readonly locks?: boolean } = {}) {
    this.queue = new EmbeddedWorkQueue(Object.assign(new QueueConfig(), { maxSize: 20 }), { clock: this.clock });
    this.queue.consume('ledger', SLOTS, (job) => this.execute(job));
  }

  /** @returns what is known when everything has come to its end */
  async live(steps: readonly Step[]): Promise<History> {
    for (const step of steps) {
      await this.take(step);
      await settled();
    }
    for (let turn = 0; turn < this.asked.length + SLOTS || this.running.length > 0; turn += 1) {
      for (const { end } of [...this.running]) end({ as: 'done', result: null });
      await this.clock.advance(100);
    }
    await this.clock.advance(60_000);
    await this.queue.close(0);
    const { ledger, clients, audit, lastAlive } = this;
    return { ledger, clients, audit, lastAlive, outages: [], stalls: [], holders: new Map(), heldNs: new Map(), leaseMs: 0 };
  }

  private async take(step: Step): Promise<void> {
    switch (step.is) {
      case 'ask': {
        const asking = { op: `op-${this.asked.length}`, step, attempts: 0, leave: new AbortController() };
        this.asked.push(asking);
        this.ask(asking);
        return;
      }
      case 'ask_again': {
        const asking = this.asked[step.which % this.asked.length];
        if (asking) this.ask(asking);
        return;
      }
      case 'leave':
        return this.asked[step.which % this.asked.length]?.leave.abort();
      case 'finish':
        return this.running[step.which % this.running.length]?.end({ as: 'done', result: null });
      case 'crash':
        return this.running[step.which % this.running.length]?.end({ as: 'unknown', reason: 'crashed' });
      case 'wait':
        return this.clock.advance(step.ms);
      default:
        return step satisfies never;
    }
  }

  private ask(asking: Asking): void {
    const { op, step, leave } = asking;
    const attempt = (asking.attempts += 1);
    const { kind, entities, priority, budgetMs } = step;
    const ns = this.moment();
    this.clients.push({ is: 'inv', op, attempt, ns, kind, entities, deadlineNs: ns + budgetMs * NS_PER_MS, nonce: op });
    const locks =
      kind === 'read' || this.options.locks === false ? [] : entities.map((entity) => ({ path: pathOf(entity), mode: 'X' as const }));
    const key = { as: 'client' as const, id: op, hash: op };
    const spec = {
      key,
      lane: 'ledger',
      kind,
      priority,
      share: op,
      payload: { op, entities: [...entities] },
      locks,
      budgetMs,
      holdMs: HOLD_MS,
    };
    void this.queue.submit(spec, leave.signal).then(
      async (ticket) => this.hear(asking, attempt, ticket, await ticket.outcome),
      (error: unknown) =>
        this.clients.push({ ...this.said(op, attempt), is: kind === 'write' ? 'not_started' : 'read_error', why: String(error) }),
    );
  }

  private hear({ op, step: { kind, entities } }: Asking, attempt: number, { how, seq }: Ticket, outcome: Outcome): void {
    this.clients.push(this.answerOf(op, attempt, kind, outcome));
    if (kind === 'read' || how !== 'queued') return;
    this.audit.push({ requestId: op, sequence: seq, outcome: outcome.state, lockKeys: entities.map((entity) => pathOf(entity).join('/')) });
  }

  private answerOf(op: string, attempt: number, kind: 'read' | 'write', outcome: Outcome): Answer {
    const said = this.said(op, attempt);
    switch (outcome.state) {
      case 'done':
        return { ...said, is: 'ok', values: 'result' in outcome ? (outcome.result as Value[]) : [], nonce: op };
      case 'failed':
      case 'not_started':
        return { ...said, is: kind === 'write' ? 'not_started' : 'read_error', why: outcome.state };
      case 'unknown':
        return { ...said, is: kind === 'write' ? 'unknown' : 'read_error', why: outcome.reason };
      default:
        return outcome satisfies never;
    }
  }

  private async execute(job: Job): Promise<Verdict> {
    if (!(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
    const { op, entities } = job.payload as { op: string; entities: string[] };
    const line = { op, kind: job.kind, entities, pid: (this.children += 1), replica: 'the only one' };
    this.ledger.push({ ...line, ev: 'start', value: null, ns: this.moment() });
    return new Promise((resolve) => {
      const running: Running = { line, end: (verdict) => this.end(running, verdict, resolve) };
      this.running.push(running);
      const killed = () => running.end({ as: 'unknown', reason: 'killed' });
      job.signal.addEventListener('abort', { handleEvent: () => void this.clock.after(KILLED_AFTER_MS, killed) });
    });
  }

  private end(running: Running, verdict: Verdict, resolve: (verdict: Verdict) => void): void {
    const index = this.running.indexOf(running);
    if (index < 0) return;
    this.running.splice(index, 1);
    const { line } = running;
    if (verdict.as !== 'done') {
      this.lastAlive.set(line.pid, [this.moment()]);
      resolve(verdict);
      return;
    }
    if (line.kind === 'write') for (const entity of line.entities) this.registers.set(entity, line.op);
    const values = line.entities.map((entity) => this.registers.get(entity) ?? null);
    this.ledger.push({ ...line, ev: 'end', value: values, ns: this.moment() });
    resolve({ as: 'done', result: values });
  }

  private said(op: string, attempt: number) {
    return { op, attempt, ns: this.moment() };
  }

  /** No two things happen at once. */
  private moment(): Nanoseconds {
    return this.clock.now() * NS_PER_MS + (this.moments += 1);
  }
}

function pathOf(entity: string): string[] {
  const dot = entity.indexOf('.');
  return dot < 0 ? ['ledger', entity] : ['ledger', entity.slice(0, dot), entity];
}
