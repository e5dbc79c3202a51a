import 'reflect-metadata';
import type { JsonObject } from '../../src/call/json.js';
import { Config } from '../../src/config/config.js';
import type { ChildExit } from '../../src/session-pool/child-exit.js';
import type { CallOptions, Exchange } from '../../src/session-pool/exchange.js';
import { PoolObserver } from '../../src/session-pool/pool-observer.js';
import type { ChildSession } from '../../src/session-pool/pooled-session.js';
import type { Reply } from '../../src/session-pool/reply.js';
import { type LentSession, type NotLent, type SessionNeed, SessionPool, type UpstreamChange } from '../../src/session-pool/session-pool.js';
import { StartFailure } from '../../src/session-pool/start-failure.js';
import { StartGate } from '../../src/session-pool/start-gate.js';
import type { SessionDescription, SessionListener, SessionState, UpstreamSession } from '../../src/session-pool/upstream-session.js';
import { UpstreamConfig } from '../../src/session-pool/upstream.config.js';
import type { KindStatus } from '../../src/session-pool/upstream-status.js';
import { ManualClock, settled } from './manual-clock.js';

export const SERVER = 'house';

const ORDINARY: SessionDescription = {
  era: '2025',
  protocolVersion: '2025-11-25',
  serverInfo: { name: SERVER },
  capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
};

interface PendingCall {
  readonly method: string;
  readonly params: JsonObject;
  readonly kind: CallOptions['kind'];
  answer(reply: Reply): void;
}

/** A session that answers what the test says; lists of tools and probes by itself. */
export class FakeChild implements ChildSession {
  state: SessionState = 'ready';
  blocked = false;
  usedAt: number;
  heardAt: number;
  readonly startedAt: number;
  readonly pending: PendingCall[] = [];
  readonly asked: string[] = [];
  /** Replies by method, for what the pool asks of its own accord; `silent` never answers. */
  replies: Record<string, Reply | 'silent'> = {};
  ended?: string;

  constructor(
    readonly id: number,
    readonly server: string,
    readonly description: SessionDescription,
    private readonly clock: ManualClock,
    private readonly on: SessionListener,
  ) {
    this.startedAt = this.usedAt = this.heardAt = clock.now();
  }

  get pid(): number {
    return 1000 + this.id;
  }

  get inFlight(): number {
    return this.pending.length;
  }

  get writesInFlight(): number {
    return this.pending.filter(({ kind }) => kind === 'write').length;
  }

  call(method: string, params: JsonObject, { kind, deadline }: CallOptions, signal: AbortSignal): Exchange {
    this.asked.push(method);
    const reply = new Promise<Reply>((resolve) => {
      const cancel = () => call.answer({ kind: 'cancelled', sent: true });
      const call: PendingCall = {
        method,
        params,
        kind,
        answer: (answer) => {
          if (!this.pending.includes(call)) return;
          this.pending.splice(this.pending.indexOf(call), 1);
          signal.removeEventListener('abort', cancel);
          if (answer.kind === 'result' || answer.kind === 'rpc_error') this.heardAt = this.clock.now();
          resolve(answer);
        },
      };
      this.pending.push(call);
      this.clock.after(deadline - this.clock.now(), () => call.answer({ kind: 'timed_out', sent: true }));
      signal.addEventListener('abort', cancel);
      const prepared = this.replies[method] ?? UNASKED[method];
      if (prepared !== undefined && prepared !== 'silent') call.answer(prepared);
    });
    return { reply, settled: reply };
  }

  notify(): void {
    return;
  }

  /** Polite children are gone at once. */
  end(how = 'orderly'): Promise<void> {
    if (this.state === 'gone') return Promise.resolve();
    this.ended = how;
    this.leave({ wanted: true });
    return Promise.resolve();
  }

  crash(exit: Partial<ChildExit> = {}): void {
    this.leave({ wanted: false, code: 3, ...exit });
  }

  turn(change: { state?: SessionState; blocked?: boolean }): void {
    Object.assign(this, change);
    this.on.changed(this.asSession);
  }

  tell(method: string, params: JsonObject = {}): void {
    this.heardAt = this.clock.now();
    this.on.notification(this.asSession, method, params);
  }

  private leave(exit: Partial<ChildExit>): void {
    this.turn({ state: 'ending' });
    for (const call of [...this.pending]) call.answer({ kind: 'lost', reason: 'exit', sent: true });
    this.turn({ state: 'gone' });
    this.on.gone(this.asSession, { reason: 'exit', code: 0, signal: null, wanted: false, stderr: ['goodbye'], ...exit });
  }

  private get asSession(): UpstreamSession {
    return this as unknown as UpstreamSession;
  }
}

const UNASKED: Record<string, Reply> = {
  'tools/list': { kind: 'result', result: { tools: [{ name: 'echo' }] } },
  ping: { kind: 'result', result: {} },
  'resources/subscribe': { kind: 'result', result: {} },
};

/** A pool over children that exist only in the test, on a clock that only the test moves. */
export class PoolKit {
  readonly clock = new ManualClock();
  readonly children: FakeChild[] = [];
  readonly changes: UpstreamChange[] = [];
  readonly observed: string[] = [];
  readonly slots: number[] = [];
  readonly logged: string[] = [];
  readonly pool: SessionPool;
  /** How the next children come up; a promise that never settles is a start that takes for ever. */
  birth: (server: string) => Promise<void> = () => Promise.resolve();
  description = ORDINARY;
  /** Given to children before the pool asks them anything. */
  replies: Record<string, Reply | 'silent'> = {};
  startsAtOnce = 0;
  mostStartsAtOnce = 0;

  constructor(settings: Partial<UpstreamConfig> = {}, others: Partial<UpstreamConfig>[] = [], bound = 8) {
    const config = new Config();
    config.upstreams = [{ name: SERVER, ...settings }, ...others].map((given) =>
      Object.assign(new UpstreamConfig(), { warmSpares: 0 }, given),
    );
    this.pool = new SessionPool(config, {
      clock: this.clock,
      random: () => 1,
      gate: new StartGate(bound),
      start: (upstream, on) => this.start(upstream.name, on),
      observer: new Noted(this.observed),
      log: (_level, message) => this.logged.push(message),
      close: () => undefined,
    });
    this.pool.onChange((change) => this.changes.push(change));
    this.pool.onSlots((server, slots) => server === SERVER && this.slots.push(slots));
  }

  async begin(): Promise<this> {
    this.pool.onApplicationBootstrap();
    await settled();
    return this;
  }

  /** Those that are still there. */
  get living(): FakeChild[] {
    return this.children.filter(({ state }) => state !== 'gone');
  }

  get status() {
    return this.pool.status(SERVER);
  }

  /** Children by whom they serve, whatever they do. */
  get kindCounts() {
    const { plain, dedicated, spare } = this.status.kinds;
    const count = ({ busy, idle, leaving }: KindStatus) => busy + idle + leaving;
    return { plain: count(plain), dedicated: count(dedicated), spare: count(spare) };
  }

  /** Lends a session and sends one call on it, which the test answers. */
  async send(need: Partial<SessionNeed> = {}, server = SERVER): Promise<SentCall> {
    const sent = new SentCall();
    const { signal } = sent.caller;
    const full: SessionNeed = { kind: 'read', fingerprint: 'ordinary', ...need };
    const run = (session: LentSession): Promise<Reply> => {
      sent.child = this.children.find(({ id }) => id === session.id);
      return session.call('tools/call', { name: full.fingerprint }, { kind: full.kind, deadline: this.clock.now() + 10_000 }, signal);
    };
    sent.reply = this.pool.use(server, full, signal, run).then((reply) => (sent.outcome = reply));
    await settled();
    return sent;
  }

  private async start(server: string, on: SessionListener): Promise<FakeChild> {
    this.startsAtOnce += 1;
    this.mostStartsAtOnce = Math.max(this.mostStartsAtOnce, this.startsAtOnce);
    try {
      await this.birth(server);
    } finally {
      this.startsAtOnce -= 1;
    }
    const child = new FakeChild(this.children.length + 1, server, this.description, this.clock, on);
    child.replies = { ...this.replies };
    this.children.push(child);
    return child;
  }
}

export class SentCall {
  readonly caller = new AbortController();
  child?: FakeChild;
  reply: Promise<Reply | NotLent> = Promise.resolve({ kind: 'no_session' });
  outcome?: Reply | NotLent;

  /** Answers the oldest call on the session it was lent. */
  async answer(reply: Reply = { kind: 'result', result: {} }): Promise<void> {
    this.child?.pending.find(({ method }) => method === 'tools/call')?.answer(reply);
    await settled();
  }
}

export function notStarting(): Promise<void> {
  return Promise.reject(new StartFailure('exit', 'no such house', ['cannot reach the house']));
}

class Noted extends PoolObserver {
  constructor(private readonly seen: string[]) {
    super();
  }

  childStarted(_server: string, outcome: string): void {
    this.seen.push(`started ${outcome}`);
  }

  childExited(_server: string, reason: string): void {
    this.seen.push(`exited ${reason}`);
  }

  oddity(_server: string, kind: string): void {
    this.seen.push(`oddity ${kind}`);
  }

  quarantined(): void {
    this.seen.push('quarantined');
  }

  waitedForSession(): void {
    this.seen.push('waited');
  }

  catalogChanged(): void {
    this.seen.push('catalog changed');
  }
}
