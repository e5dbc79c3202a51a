import { Logger } from '@nestjs/common';
import type { ServerCheck } from './server-check.js';

export type RedisReadiness = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What is asked of a Redis before it may be used. */
export interface Examiner {
  /** Whether all connections that count are up. */
  isConnected(): boolean;
  check(): Promise<ServerCheck>;
  /** @returns false when the clock of Redis cannot be told */
  setClock(isNewServer: boolean): Promise<boolean>;
  /** Takes up on a new connection what the old one was for. */
  resume(): Promise<void>;
  /** Redis may be used again, or for the first time. */
  resumed(): void;
}

/** An interruption is most often over at once: so long who wants something may wait for it. */
const BLIP_MS = 500;
const LOOK_EVERY_MS = { ready: 30_000, notReady: 1000 };
const REMIND_MS = 60_000;

/**
 * Whether Redis may be used, and why not. Every new connection may lead to another server, or to one that was set up
 * anew: it is examined first. Reasons are shown to anybody: fixed words that name the remedy, and nothing from elsewhere.
 */
export class Readiness {
  private verdict: RedisReadiness = { ok: false, reason: 'Redis was not reached yet' };
  private server?: ServerCheck;
  /** Since when no connection has passed: it broke, or the new one is still being examined. */
  private downSince?: number = performance.now();
  private blip?: Promise<void>;
  private endBlip: () => void = () => undefined;
  private round = 0;
  private isClosed = false;
  private nextLook?: NodeJS.Timeout;
  private readonly listeners = new Set<() => void>();
  private readonly logger = new Logger('Redis');
  private readonly reminder: NodeJS.Timeout;
  private firstWord: () => void = () => undefined;
  /** Something was heard: a verdict, or that nobody is there. */
  readonly first = new Promise<void>((resolve) => {
    this.firstWord = resolve;
  });

  /** @param address for the log; without credentials */
  constructor(
    private readonly examiner: Examiner,
    private readonly address: string,
  ) {
    this.reminder = setInterval(() => this.remind(), REMIND_MS).unref();
  }

  get(): RedisReadiness {
    return this.verdict.ok && this.downSince !== undefined ? { ok: false, reason: UNREACHABLE } : this.verdict;
  }

  /** Why there is no use in asking now; undefined also in the first moments of an interruption. */
  away(): string | undefined {
    if (!this.verdict.ok) return this.verdict.reason;
    const isDown = this.downSince !== undefined && performance.now() - this.downSince > BLIP_MS;
    return isDown ? UNREACHABLE : undefined;
  }

  /**
   * In the first moments of an interruption: resolves when it is over, or lasts. Whoever then asks `away` before he sends
   * anything knows that what failed was never sent.
   */
  interruption(): Promise<void> | undefined {
    if (this.downSince === undefined || this.away() !== undefined) return undefined;
    const leftMs = this.downSince + BLIP_MS - performance.now();
    this.blip ??= new Promise((resolve) => {
      const timer = setTimeout(resolve, leftMs + 1);
      this.endBlip = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.blip;
  }

  /** Of the server met last. */
  get runId(): string | undefined {
    return this.server?.ok ? this.server.runId : undefined;
  }

  /** Whether the server met last may evict or forget what it has accepted. */
  get isVolatile(): boolean {
    return this.server !== undefined && (!this.server.ok || this.server.isVolatile);
  }

  /** Calls back after each connection that passed, and soon when one has by now. @returns ends the listening */
  onReady(listener: () => void): () => void {
    this.listeners.add(listener);
    queueMicrotask(() => {
      if (this.get().ok && this.listeners.has(listener)) listener();
    });
    return () => this.listeners.delete(listener);
  }

  connected(): void {
    if (this.examiner.isConnected()) void this.look(true);
  }

  disconnected(): void {
    if (this.downSince !== undefined) return;
    this.downSince = performance.now();
    this.blip = undefined;
  }

  /** @param error of the connection; its message may tell more than an open page should */
  failed(error: Error): void {
    if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(error.message)) this.conclude({ ok: false, reason: REFUSED }, error.message);
    else if (this.away() !== undefined || isNobodyThere(error)) this.conclude({ ok: false, reason: UNREACHABLE }, error.message);
  }

  close(): void {
    this.isClosed = true;
    this.firstWord();
    this.endBlip();
    clearTimeout(this.nextLook);
    clearInterval(this.reminder);
    this.listeners.clear();
  }

  private async look(isNew: boolean): Promise<void> {
    this.round += 1;
    const { round } = this;
    clearTimeout(this.nextLook);
    const isWhole = isNew || !this.verdict.ok;
    const { verdict, detail } = await this.examine(isWhole);
    if (round !== this.round || this.isClosed || !this.examiner.isConnected()) return;
    if (verdict.ok) this.downSince = undefined;
    this.conclude(verdict, detail);
    this.nextLook = setTimeout(
      () => {
        if (this.examiner.isConnected()) void this.look(false);
      },
      LOOK_EVERY_MS[verdict.ok ? 'ready' : 'notReady'],
    ).unref();
    if (!verdict.ok || !isWhole) return;
    this.examiner.resumed();
    for (const listener of [...this.listeners]) listener();
  }

  private async examine(isWhole: boolean): Promise<{ verdict: RedisReadiness; detail: string }> {
    try {
      const server = await this.examiner.check();
      this.server = server;
      if (!server.ok) return { verdict: { ok: false, reason: server.reason }, detail: server.found };
      if (!(await this.examiner.setClock(isWhole))) return { verdict: { ok: false, reason: SLOW }, detail: 'no round trip under 250 ms' };
      if (isWhole) await this.examiner.resume();
      return { verdict: { ok: true }, detail: server.version };
    } catch (error) {
      // a busy moment; when it is more than that the connection breaks
      if (!isWhole) return { verdict: this.verdict, detail: '' };
      return { verdict: { ok: false, reason: 'Redis does not answer' }, detail: error instanceof Error ? error.message : '' };
    }
  }

  /** Tells the log what has changed, and only that. */
  private conclude(verdict: RedisReadiness, detail: string): void {
    const before = this.verdict;
    this.verdict = verdict;
    this.firstWord();
    this.endBlip();
    this.blip = undefined;
    const where = `${this.address} (${detail})`;
    if (verdict.ok) {
      if (before.ok) return;
      this.logger.log(`Redis at ${where} is ready`);
      this.remind();
    } else if (before.ok || before.reason !== verdict.reason) this.logger.error(`${verdict.reason}: ${where}`);
  }

  private remind(): void {
    if (!this.server?.ok || !this.server.isVolatile) return;
    this.logger.warn('Redis keeps no append-only file: a restart of it loses what was accepted; set appendonly yes');
  }
}

const UNREACHABLE = 'Redis cannot be reached';
const REFUSED = 'Redis refuses the login: redis.url needs a user and password that it knows';
const SLOW = 'Redis answers too slowly for its clock to be read';

/** An attempt to connect failed; what breaks a connection is most often over at once. */
function isNobodyThere(error: Error): boolean {
  return 'syscall' in error && error.syscall === 'connect';
}
