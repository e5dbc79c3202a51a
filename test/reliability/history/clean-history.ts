import { GATE_TIMES } from '../../../src/queue/bullmq/gate-times.js';
import {
  type Asked,
  attemptKey,
  type AuditRow,
  type ClientEvent,
  type History,
  type LedgerLine,
  type Nanoseconds,
  NS_PER_MS,
  type Value,
} from './history.js';
import { EVERYTHING, linesOf } from './lock-lines.js';
import { Random } from './random.js';
import { aWish } from './wishes.js';

const CALLERS = 20;
const BUDGET_NS = 60_000 * NS_PER_MS;
const TRAVEL_NS = NS_PER_MS;
const REPLICAS = ['a', 'b', 'c'] as const;

/** What a bridge without a fault leaves behind: made, not measured, so that a checker can be judged by it. */
export function cleanHistory(seed: number, count: number): History {
  const house = new House(new Random(seed));
  for (let n = 0; n < count; n += 1) house.serve(`op-${n}`);
  return house.history;
}

/** One queue with its lines, as the design has it, moved from one acceptance to the next. */
class House {
  private readonly ledger: LedgerLine[] = [];
  private readonly clients: ClientEvent[] = [];
  private readonly audit: AuditRow[] = [];
  private readonly lastAlive = new Map<number, Nanoseconds[]>();
  private readonly holders = new Map<string, string>();
  private readonly callers: Nanoseconds[] = [...Array(CALLERS).keys()];
  private readonly held = new Map<string, { anyUntil: Nanoseconds; aloneUntil: Nanoseconds }>();
  private readonly registers = new Map<string, { readonly value: string; readonly ns: Nanoseconds }[]>();
  private sequence = 0;
  private pid = 1_000;

  constructor(private readonly random: Random) {}

  get history(): History {
    const { ledger, clients, audit, lastAlive, holders } = this;
    return { ledger, clients, audit, lastAlive, holders, heldNs: new Map(), outages: [], stalls: [], leaseMs: GATE_TIMES.leaseMs };
  }

  /** The caller whose time comes first asks for something and waits for its answer. */
  serve(op: string): void {
    const caller = this.callers.indexOf(Math.min(...this.callers));
    const ns = this.callers[caller] ?? 0;
    const { kind, entities, mayShare } = aWish(this.random);
    const asked: Asked = {
      is: 'inv',
      op,
      attempt: 1,
      ns,
      kind,
      entities,
      deadlineNs: ns + BUDGET_NS,
      ...(!mayShare && { nonce: `nonce of ${op}` }),
    };
    this.clients.push(asked);
    this.holders.set(attemptKey(asked), this.random.pick(REPLICAS));
    const answeredNs = kind === 'read' ? this.read(asked) : this.write(asked);
    this.callers[caller] = answeredNs + this.random.between(1, 20) * NS_PER_MS;
  }

  private read(asked: Asked): Nanoseconds {
    const values = asked.entities.map((entity) => this.valueAt(entity, asked.ns));
    const ns = asked.ns + this.random.between(2, 10) * NS_PER_MS;
    this.answerOk(asked, values, ns);
    return ns;
  }

  private write(asked: Asked): Nanoseconds {
    const { entities } = asked;
    const ending = this.random.weighted({ done: 97, crashed: 1, expired: 2 });
    const sequence = (this.sequence += 1);
    const record = (outcome: AuditRow['outcome']) =>
      this.audit.push({ requestId: asked.op, sequence, outcome, lockKeys: entities.map(lockKey) });
    const answer = (is: 'not_started' | 'unknown', ns: Nanoseconds) => {
      this.clients.push({ is, op: asked.op, attempt: asked.attempt, ns, why: 'made so' });
      return ns;
    };
    if (ending === 'expired') {
      record('not_started');
      return answer('not_started', asked.deadlineNs);
    }
    const startNs = this.turn(asked);
    const endNs = startNs + this.random.between(1, 20) * NS_PER_MS;
    this.hold(entities, endNs);
    const pid = ending === 'crashed' ? (this.pid += 1) : 1 + this.random.below(20);
    const line = { op: asked.op, kind: 'write' as const, entities, pid, replica: this.random.pick(REPLICAS) };
    this.ledger.push({ ...line, ev: 'start', value: null, ns: startNs });
    if (ending === 'crashed') {
      this.lastAlive.set(pid, [endNs - TRAVEL_NS]);
      record('unknown');
      return answer('unknown', endNs + TRAVEL_NS);
    }
    this.ledger.push({ ...line, ev: 'end', value: asked.op, ns: endNs });
    for (const entity of entities) this.registerOf(entity).push({ value: asked.op, ns: endNs });
    record('done');
    this.answerOk(
      asked,
      entities.map(() => asked.op),
      endNs + TRAVEL_NS,
    );
    return endNs + TRAVEL_NS;
  }

  /** When all its lines are free. */
  private turn({ ns, entities }: Asked): Nanoseconds {
    const free = linesOf(entities).map(({ line, mode }) => {
      const held = this.held.get(line);
      return (mode === 'X' ? held?.anyUntil : held?.aloneUntil) ?? 0;
    });
    return Math.max(ns + TRAVEL_NS, ...free) + TRAVEL_NS;
  }

  private hold(entities: readonly string[], untilNs: Nanoseconds): void {
    for (const { line, mode } of linesOf(entities)) {
      const { anyUntil, aloneUntil } = this.held.get(line) ?? { anyUntil: 0, aloneUntil: 0 };
      this.held.set(line, {
        anyUntil: Math.max(anyUntil, untilNs),
        aloneUntil: mode === 'X' ? Math.max(aloneUntil, untilNs) : aloneUntil,
      });
    }
  }

  private answerOk(asked: Asked, values: readonly Value[], ns: Nanoseconds): void {
    const { op, attempt, nonce } = asked;
    this.clients.push({ is: 'ok', op, attempt, ns, values, ...(nonce !== undefined && { nonce }) });
  }

  private valueAt(entity: string, ns: Nanoseconds): Value {
    return this.registers.get(entity)?.findLast((write) => write.ns <= ns)?.value ?? null;
  }

  private registerOf(entity: string) {
    const register = this.registers.get(entity) ?? [];
    this.registers.set(entity, register);
    return register;
  }
}

/** As the audit writes it: the upstream, the domain, the entity. */
function lockKey(entity: string): string {
  if (entity === EVERYTHING) return 'ledger';
  const dot = entity.indexOf('.');
  return dot < 0 ? `ledger/${entity}` : `ledger/${entity.slice(0, dot)}/${entity}`;
}
