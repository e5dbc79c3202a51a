import { ConsecutiveBreaker } from 'cockatiel';
import type { CircuitBreakerConfig } from './circuit-breaker.config.js';

/**
 * - `open`: refuses until its time is over; then the next admission is the probe. Of what was only heard, nothing is known then.
 * - `probing`: one call is out to find out; all others are refused.
 * - `shut`: the upstream refuses us; lasts as long as the process, since only another configuration helps.
 */
export type CircuitState =
  | { readonly as: 'closed' }
  | { readonly as: 'open'; readonly untilMs: number; readonly reason: string; readonly isHeard?: true }
  | { readonly as: 'probing'; readonly probe: Admission; readonly sinceMs: number; readonly reason: string }
  | { readonly as: 'shut'; readonly reason: string; readonly suggestion?: string };

/** Why a call is not let through; without a time when waiting does not help. */
export interface CircuitRefusal {
  readonly reason: string;
  readonly retryAfterMs?: number;
  /** What the upstream told its operator to do. */
  readonly suggestion?: string;
}

/** A call that was let through; it is handed back with the news it brought, since only the probe's may close the circuit. */
export type Admission = Readonly<Record<'admitted', true>>;

const ORDINARY: Admission = { admitted: true };

/** The state of one upstream's circuit. Pure but for its counter: time comes in with every question. */
export class Circuit {
  state: CircuitState = { as: 'closed' };
  private readonly failures: ConsecutiveBreaker;
  private readonly recoveryMs: number;

  constructor(private readonly config: CircuitBreakerConfig) {
    this.failures = new ConsecutiveBreaker(config.failureThreshold);
    this.recoveryMs = config.recoveryTimeoutSeconds * 1000;
  }

  /** Says without consequence whether a call would be refused now. */
  refusal(nowMs: number): CircuitRefusal | undefined {
    switch (this.state.as) {
      case 'closed':
        return undefined;
      case 'open':
        return nowMs < this.state.untilMs ? { reason: this.state.reason, retryAfterMs: this.state.untilMs - nowMs } : undefined;
      case 'probing':
        return this.isProbeOverdue(this.state, nowMs) ? undefined : { reason: this.state.reason, retryAfterMs: this.recoveryMs };
      case 'shut': {
        const { reason, suggestion } = this.state;
        return { reason, ...(suggestion !== undefined && { suggestion }) };
      }
      default:
        return this.state satisfies never;
    }
  }

  /** As `refusal`, and whoever is let through while the circuit is not closed is the one probe. */
  admit(nowMs: number): Admission | CircuitRefusal {
    const refusal = this.refusal(nowMs);
    if (refusal) return refusal;
    if (this.state.as !== 'open' && this.state.as !== 'probing') return ORDINARY;
    const probe: Admission = { admitted: true };
    this.state = { as: 'probing', probe, sinceMs: nowMs, reason: this.state.reason };
    return probe;
  }

  succeeded(admission: Admission): void {
    if (!this.decides(admission)) return;
    this.failures.success();
    this.state = { as: 'closed' };
  }

  /** @returns whether this failure opened the circuit */
  failed(admission: Admission, reason: string, nowMs: number): boolean {
    if (!this.decides(admission)) return false;
    const isTooMany = this.failures.failure();
    if (!this.config.enabled || (this.state.as !== 'probing' && !isTooMany)) return false;
    this.state = { as: 'open', untilMs: nowMs + this.recoveryMs, reason };
    return true;
  }

  /** When it was the probe that says nothing of the upstream, the next call is the probe. */
  learnedNothing(admission: Admission, nowMs: number): void {
    if (this.state.as === 'probing' && this.decides(admission)) this.state = { as: 'open', untilMs: nowMs, reason: this.state.reason };
  }

  refused(reason: string, suggestion?: string): void {
    if (this.config.enabled) this.state = { as: 'shut', reason, ...(suggestion !== undefined && { suggestion }) };
  }

  /** Another replica's circuit has opened. Who refuses already, or waits for a probe of his own, learns nothing new. */
  heard(reason: string, remainingMs: number, nowMs: number): void {
    if (this.config.enabled && !this.refusal(nowMs)) this.state = { as: 'open', untilMs: nowMs + remainingMs, reason, isHeard: true };
  }

  /** What began before the circuit opened tells of an upstream that was, and of no other call's turn. */
  private decides(admission: Admission): boolean {
    return this.state.as === 'closed' || (this.state.as === 'probing' && this.state.probe === admission);
  }

  /** A probe of which nothing is heard must not keep the circuit open for ever. */
  private isProbeOverdue({ sinceMs }: { readonly sinceMs: number }, nowMs: number): boolean {
    return nowMs - sinceMs >= Math.max(this.recoveryMs, PROBE_AT_MOST_MS);
  }
}

/** The longest budget of a call. */
const PROBE_AT_MOST_MS = 300_000;
