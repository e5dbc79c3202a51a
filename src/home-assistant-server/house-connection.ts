import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { answerTooLong, CommandRefused, HouseFailure, outcomeUnknown, timedOut, unreachable } from './failures.js';
import type { Fields } from './fields.js';
import { type Heartbeat, HouseSocket, SocketLost } from './house-socket.js';
import { reasonOf } from './connection-error.js';
import type { Settings } from './settings.js';
import { within } from './within.js';
import { withinMs } from './within-ms.js';

const WAIT_FOR_CONNECTION_MS = 5000;
const WRITE_ANSWER_WITHIN_MS = 120_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
const RETRY_AFTER_TOO_LARGE_MS = 60_000;
const RETRY_AFTER_REFUSAL_MS = 15 * 60_000;
/** With it a connection that hangs is found within twenty seconds. */
export const HEARTBEAT: Heartbeat = { silenceMs: 15_000, pongWithinMs: 5000 };

export type Phase =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'starting' }
  | { readonly state: 'ready'; readonly socket: HouseSocket }
  | { readonly state: 'down'; readonly error: string; readonly retryAtMs: number }
  | { readonly state: 'refused'; readonly failure: HouseFailure; readonly sinceMs: number };

/** What has to happen on a new socket before anybody may use it; `starting` tells that Home Assistant is not RUNNING yet. */
export type Prepare = (socket: HouseSocket, starting: () => void) => Promise<void>;

/** The one connection to Home Assistant, over all its sockets. It repeats nothing: whoever asked decides. */
export class HouseConnection {
  /** When Home Assistant last answered a ping of ours, and how fast. */
  lastSuccess: Date | undefined;
  lastPingMs: number | undefined;
  private current: Phase = { state: 'idle' };
  private stopped = false;
  private socket: HouseSocket | undefined;
  private readonly phases = new EventEmitter().setMaxListeners(0);
  private lastBarrier: Promise<void> = Promise.resolve();
  private nextBarrier: Promise<void> | undefined;
  private readonly writes = new Set<Promise<unknown>>();

  constructor(
    private readonly settings: Settings,
    private readonly prepare: Prepare,
    private readonly heartbeat = HEARTBEAT,
  ) {}

  get phase(): Phase {
    return this.current;
  }

  /** Begins to connect, and keeps connecting; a second time it does nothing. */
  start(): void {
    if (this.current.state === 'idle' && !this.stopped) void this.live();
  }

  /** The other side does not want us: from here on nothing is tried by itself. */
  refuse(failure: HouseFailure): void {
    this.enter({ state: 'refused', failure, sinceMs: performance.now() });
    this.socket?.terminate();
  }

  /** Gives the writes under way their time, then leaves. */
  async stop(writesWithinMs: number): Promise<void> {
    this.stopped = true;
    if (this.writes.size > 0) await Promise.race([Promise.allSettled(this.writes), pause(writesWithinMs, undefined, { ref: false })]);
    this.socket?.terminate();
  }

  /**
   * A read.
   * @throws CommandRefused, HouseFailure
   */
  async ask(type: string, fields: Fields, signal: AbortSignal): Promise<unknown> {
    const socket = await this.ready(signal);
    return within(signal, this.translated(socket.request(type, fields), 'ha_timeout'));
  }

  /**
   * A write. Once sent it is waited for, whatever the signal says: it will happen whether we wait or not.
   * @throws CommandRefused, HouseFailure
   */
  async write(type: string, fields: Fields, signal: AbortSignal): Promise<unknown> {
    const socket = await this.ready(signal);
    if (signal.aborted) throw unreachable('abandonné avant l’envoi');
    const answer = this.translated(socket.request(type, fields), 'ha_outcome_unknown');
    return this.settle(answer);
  }

  /** Lends a write that goes another way the same patience, and makes `stop` wait for it. */
  async settle<T>(answer: Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(WRITE_ANSWER_WITHIN_MS);
    const settled = within(limit, answer, () => outcomeUnknown());
    this.writes.add(settled);
    try {
      return await settled;
    } finally {
      this.writes.delete(settled);
    }
  }

  /**
   * Resolves when everything that Home Assistant did before this call has been heard. Reads that arrive while a
   * ping is under way share the next one: the one under way may have left before what they must see.
   * @throws HouseFailure
   */
  async barrier(signal: AbortSignal): Promise<void> {
    await this.ready(signal);
    this.nextBarrier ??= this.lastBarrier.then(() => {
      this.nextBarrier = undefined;
      return this.ping();
    });
    const passed = this.nextBarrier;
    this.lastBarrier = passed.catch(() => undefined);
    await within(signal, this.translated(passed, 'ha_timeout'));
  }

  /**
   * Waits for a connection that can be used, a few seconds at most.
   * @throws HouseFailure
   */
  async ready(signal: AbortSignal): Promise<HouseSocket> {
    this.start();
    if (this.current.state === 'ready') return this.current.socket;
    return withinMs(WAIT_FOR_CONNECTION_MS, signal, (patience) => this.untilReady(patience));
  }

  private async untilReady(patience: AbortSignal): Promise<HouseSocket> {
    for (;;) {
      const phase = this.current;
      if (phase.state === 'ready') return phase.socket;
      if (phase.state === 'refused') this.tryAgainOrThrow(phase);
      if (patience.aborted || this.stopped) throw this.whyNot();
      await once(this.phases, 'change', { signal: patience }).catch(() => undefined);
    }
  }

  private async live(): Promise<void> {
    const { house } = this.settings;
    if ('missing' in house) {
      this.enter({ state: 'refused', failure: notConfigured(house.missing), sinceMs: Infinity });
      return;
    }
    for (let failures = 0; !this.stopped; failures++) {
      this.enter({ state: 'connecting' });
      try {
        this.socket = await HouseSocket.open(house, this.heartbeat);
        if (this.isOver()) return;
        await this.prepare(this.socket, () => this.enter({ state: 'starting' }));
        await this.measure(this.socket);
        if (this.isOver()) return;
        failures = 0;
        this.enter({ state: 'ready', socket: this.socket });
        throw await this.socket.closed;
      } catch (error) {
        this.socket?.terminate();
        if (error instanceof HouseFailure && error.refused) this.refuse(error);
        if (this.current.state === 'refused') return;
        const tooLarge = this.current.state !== 'ready' && error instanceof SocketLost && error.tooLarge;
        const delayMs = tooLarge ? RETRY_AFTER_TOO_LARGE_MS : Math.random() * Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        this.enter({ state: 'down', error: reasonOf(error), retryAtMs: performance.now() + delayMs });
        await pause(delayMs, undefined, { ref: false });
        if (this.isOver()) return;
      }
    }
  }

  /** Asked after each wait, in which somebody may have stopped us, or a request been refused. */
  private isOver(): boolean {
    const over = this.stopped || this.current.state === 'refused';
    if (over) this.socket?.terminate();
    return over;
  }

  private enter(phase: Phase): void {
    this.current = phase;
    this.phases.emit('change');
  }

  /** A refusal stands; only after a long while one call may find out whether it still does. */
  private tryAgainOrThrow({ failure, sinceMs }: Phase & { state: 'refused' }): void {
    if (performance.now() - sinceMs < RETRY_AFTER_REFUSAL_MS) throw failure;
    void this.live();
  }

  private whyNot(): HouseFailure {
    switch (this.current.state) {
      case 'refused':
        return this.current.failure;
      case 'starting':
        return new HouseFailure('ha_starting', 'Home Assistant démarre', { retryAfterMs: 1000 });
      case 'down':
        return unreachable(this.current.error, Math.max(0, Math.round(this.current.retryAtMs - performance.now())));
      case 'idle':
      case 'connecting':
      case 'ready':
        return unreachable('Connection timeout', FIRST_RETRY_MS);
      default:
        return this.current satisfies never;
    }
  }

  private async ping(): Promise<void> {
    if (this.current.state !== 'ready') throw new SocketLost(false);
    await this.measure(this.current.socket);
  }

  private async measure(socket: HouseSocket): Promise<void> {
    this.lastPingMs = await socket.ping();
    this.lastSuccess = new Date();
  }

  private async translated<T>(answer: Promise<T>, lost: 'ha_timeout' | 'ha_outcome_unknown'): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof CommandRefused || !(error instanceof SocketLost)) throw error;
      if (!error.sent) throw unreachable('Connection lost');
      if (lost === 'ha_outcome_unknown') throw outcomeUnknown();
      if (error.tooLarge) throw answerTooLong();
      throw timedOut();
    }
  }
}

function notConfigured(missing: string): HouseFailure {
  return new HouseFailure('ha_not_configured', `Home Assistant n'est pas configuré: ${missing} manque`, {
    suggestion: `Définir ${missing}`,
  });
}
