import type { JsonObject } from '../call/json.js';
import type { PoolGround } from './pool-ground.js';
import type { PooledSession } from './pooled-session.js';

const ANSWER_WITHIN_MS = 5_000;

/** One way to ask a child whether it lives. */
export interface Probe {
  readonly method: string;
  readonly params: JsonObject;
}

/**
 * Judges one child while it is idle. Any line is a sign of life, any answer too, an error as well as a result. A child
 * with a call in flight is left alone: the deadlines of its calls judge it.
 */
export class SessionHealth {
  private cancelTimer?: () => void;
  private readonly closed = new AbortController();
  private hasAnswered = false;
  private asking = false;

  constructor(
    private readonly member: PooledSession,
    private readonly ground: PoolGround,
    private readonly intervalMs: number,
    private probe: Probe,
    private readonly whenSilent: () => void,
  ) {
    this.arm();
  }

  /** To be called when a call timed out on a child that had said nothing since the call began. */
  doubt(): void {
    if (this.member.calls === 0) void this.examine();
  }

  close(): void {
    this.closed.abort('cancelled');
    this.cancelTimer?.();
  }

  private arm(): void {
    this.cancelTimer?.();
    if (this.closed.signal.aborted) return;
    const quietFor = this.ground.clock.now() - this.lastSign();
    const dueMs = quietFor < this.intervalMs ? this.intervalMs - quietFor : this.intervalMs;
    this.cancelTimer = this.ground.clock.after(dueMs, () => void this.look());
  }

  private async look(): Promise<void> {
    if (this.member.calls === 0 && this.ground.clock.now() - this.lastSign() >= this.intervalMs) await this.examine();
    this.arm();
  }

  /** One silence may be an accident, or the server does not know the question: a second one, in plain words, decides. */
  private async examine(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const dead = !(await this.answers()) && !(await this.answersAtLast());
    this.asking = false;
    if (dead && !this.closed.signal.aborted) this.whenSilent();
  }

  private answersAtLast(): Promise<boolean> {
    if (!this.hasAnswered && 'tools' in this.member.session.description.capabilities) this.probe = { method: 'tools/list', params: {} };
    return this.answers();
  }

  private async answers(): Promise<boolean> {
    const { session } = this.member;
    const asked = this.ground.clock.now();
    const deadline = asked + ANSWER_WITHIN_MS;
    const { reply } = session.call(this.probe.method, this.probe.params, { kind: 'read', deadline }, this.closed.signal);
    const { kind } = await reply;
    if (kind === 'result' || kind === 'rpc_error') this.hasAnswered = true;
    return kind !== 'timed_out' || session.heardAt >= asked || this.member.calls > 0;
  }

  private lastSign(): number {
    return Math.max(this.member.session.heardAt, this.member.usedAt);
  }
}
