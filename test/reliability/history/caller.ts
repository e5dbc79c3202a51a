import { setTimeout as pause } from 'node:timers/promises';
import { ATTEMPT } from '../../support/a-balancer.js';
import { verdictOf } from './answer-verdict.js';
import type { ClientLog } from './client-log.js';
import type { Answer, Asked } from './history.js';
import { attemptKey, NS_PER_MS } from './history.js';
import { HttpLine, type HttpReply } from './http-line.js';
import { now } from './now.js';
import type { Random } from './random.js';
import { aWish, type Wish } from './wishes.js';

export interface CallerOptions {
  readonly name: string;
  /** Where it calls; asked before each attempt. */
  readonly url: () => string;
  readonly log: ClientLog;
  readonly random: Random;
  /** Budgets that callers give, in ms. */
  readonly budgetMs: readonly [number, number];
  /** How long children work at a call, in ms. */
  readonly workMs: readonly [number, number];
  /** How often one op is asked for at most. */
  readonly attempts: number;
  /** What it asks for, in place of a bit of everything. */
  readonly wish?: (random: Random) => Wish;
}

/** Far longer than any answer may take: past it the caller hangs up and the answer counts as lost, not as late. */
const PATIENCE_MS = 10_000;
const BETWEEN_ATTEMPTS_MS = 250;

/** Asks for one thing after the other over a connection that stays open, and asks again when it cannot know the answer. */
export class Caller {
  private readonly line = new HttpLine();
  private asked = 0;

  constructor(private readonly options: CallerOptions) {}

  /** Until `over`; what was asked is answered first. */
  async run(over: AbortSignal): Promise<void> {
    while (!over.aborted) await this.askOnce().answered;
    this.close();
  }

  /** @returns how the op is called in all that is written down, at once */
  askOnce(): { readonly op: string; readonly answered: Promise<void> } {
    const { random, name, wish = aWish } = this.options;
    const op = `${name}-${(this.asked += 1)}`;
    return { op, answered: this.ask(op, wish(random)) };
  }

  close(): void {
    this.line.close();
  }

  private async ask(op: string, wish: Wish): Promise<void> {
    const { log, random, workMs, budgetMs, attempts } = this.options;
    const body = bodyOf(op, wish, Math.round(random.between(...workMs)));
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const budget = Math.round(random.between(...budgetMs));
      const asked = askedOf(op, attempt, wish, budget);
      log.add(asked);
      const reply = await this.send(asked, wish, budget, body);
      const answer = verdictOf(asked, reply);
      if (answer) log.add(answer);
      if (answer?.is === 'ok') return;
      await pause(BETWEEN_ATTEMPTS_MS);
      if (answer && isEnough(answer)) return;
    }
  }

  private send(asked: Asked, wish: Wish, budgetMs: number, body: string): Promise<HttpReply> {
    const headers = {
      'Content-Type': 'application/json',
      [ATTEMPT]: attemptKey(asked),
      'X-Priority': wish.priority,
      'X-Timeout': String(budgetMs / 1000),
      ...(wish.mayShare ? {} : { 'X-Request-ID': asked.op, 'X-Cache-Control': 'no-store' }),
    };
    return this.line.post(`${this.options.url()}/mcp/tools/call`, headers, body, budgetMs + PATIENCE_MS);
  }
}

/** `unknown` may still come true, so it is asked for once more; a broken connection told nothing. */
function isEnough(answer: Answer): boolean {
  if ('isCut' in answer) return false;
  return answer.is !== 'unknown' || answer.attempt > 1;
}

function bodyOf(op: string, { kind, tool = kind, entities, mayShare }: Wish, workMs: number): string {
  const entity = entities.length === 1 ? entities[0] : entities;
  const shared = { entity };
  const own = { entity, op, work_ms: workMs, nonce: nonceOf(op) };
  return JSON.stringify({ name: tool, arguments: mayShare ? shared : own });
}

function askedOf(op: string, attempt: number, { kind, entities, mayShare }: Wish, budgetMs: number): Asked {
  const ns = now();
  return { is: 'inv', op, attempt, ns, kind, entities, deadlineNs: ns + budgetMs * NS_PER_MS, ...(!mayShare && { nonce: nonceOf(op) }) };
}

function nonceOf(op: string): string {
  return `nonce of ${op}`;
}
