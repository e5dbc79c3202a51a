import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { BridgeError } from '../call/bridge-error.js';
import { type Clock, systemClock } from '../call/clock.js';
import { isJsonObject, type Json } from '../call/json.js';
import { REFUSED } from '../call/refusal.js';
import { SharedState } from '../shared-state/shared-state.js';
import { type Admission, Circuit, type CircuitRefusal, type CircuitState } from './circuit.js';
import { CircuitBreakerConfig } from './circuit-breaker.config.js';
import type { Sign } from './verdict.js';

/** `closed` lets all through, `half_open` one probe, `open` nobody. */
export type BreakerState = 'closed' | 'half_open' | 'open';

export interface BreakerChange {
  readonly server: string;
  readonly to: BreakerState;
}

const CHANNEL = 'breaker';

/**
 * One circuit per upstream. Every call that `admit` lets through is followed by one `record`.
 * An opening is told to all replicas, which trust it for the time it has left; a refusal is not, since another replica
 * may already run with another configuration.
 */
@Injectable()
export class UpstreamBreaker implements OnModuleInit, OnModuleDestroy {
  private readonly circuits = new Map<string, Circuit>();
  private readonly listeners = new Set<(change: BreakerChange) => void>();
  private readonly replica = randomUUID();
  private unsubscribe?: () => void;

  constructor(
    private readonly config: CircuitBreakerConfig,
    private readonly shared: SharedState,
    @Optional() private readonly clock: Clock = systemClock,
  ) {}

  onModuleInit(): void {
    // a missed notice costs a few failing calls, so a gap needs nothing
    this.unsubscribe = this.shared.subscribe(
      CHANNEL,
      (message) => this.hear(message),
      () => undefined,
    );
  }

  onModuleDestroy(): void {
    this.unsubscribe?.();
  }

  /** Why a call would be refused here and now. Takes nothing. */
  refusal(server: string): BridgeError | undefined {
    const refusal = this.circuits.get(server)?.refusal(this.clock.now());
    return refusal && errorOf(server, refusal);
  }

  /** For the back half: lets the call through, possibly as the one probe, or says why not. */
  admit(server: string): Admission | BridgeError {
    const said = this.change(server, (circuit, nowMs) => circuit.admit(nowMs));
    return 'admitted' in said ? said : errorOf(server, said);
  }

  /**
   * @param admission what `admit` gave this call
   * @param sign what the call told about the upstream's health; undefined: nothing
   */
  record(server: string, admission: Admission, sign: Sign): void {
    this.change(server, (circuit, nowMs) => {
      switch (sign?.as) {
        case undefined:
          circuit.learnedNothing(admission, nowMs);
          return;
        case 'ok':
          circuit.succeeded(admission);
          return;
        case 'failure':
          if (circuit.failed(admission, sign.reason, nowMs)) this.tell(server, circuit.state, nowMs);
          return;
        case 'refused':
          circuit.refused(sign.reason, sign.suggestion);
          return;
        default:
          return sign satisfies never;
      }
    });
  }

  state(server: string): BreakerState {
    return nameOf(this.circuits.get(server)?.state ?? { as: 'closed' }, this.clock.now());
  }

  /**
   * What was only heard ends by itself, and nobody is called for that.
   * @returns ends the listening
   */
  onChange(listener: (change: BreakerChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change<T>(server: string, step: (circuit: Circuit, nowMs: number) => T): T {
    const circuit = this.circuitOf(server);
    const nowMs = this.clock.now();
    const before = nameOf(circuit.state, nowMs);
    const result = step(circuit, nowMs);
    const to = nameOf(circuit.state, nowMs);
    if (to !== before) for (const listener of this.listeners) listener({ server, to });
    return result;
  }

  private circuitOf(server: string): Circuit {
    const known = this.circuits.get(server);
    if (known) return known;
    const circuit = new Circuit(this.config);
    this.circuits.set(server, circuit);
    return circuit;
  }

  private tell(server: string, state: CircuitState, nowMs: number): void {
    if (state.as !== 'open' || state.untilMs <= nowMs) return;
    void this.shared.publish(CHANNEL, { from: this.replica, server, reason: state.reason, remainingMs: state.untilMs - nowMs });
  }

  private hear(message: Json): void {
    if (!isJsonObject(message)) return;
    const { from, server, reason, remainingMs } = message;
    if (from === this.replica || typeof server !== 'string' || typeof reason !== 'string' || typeof remainingMs !== 'number') return;
    this.change(server, (circuit, nowMs) => circuit.heard(reason, remainingMs, nowMs));
  }
}

function nameOf(state: CircuitState, nowMs: number): BreakerState {
  switch (state.as) {
    case 'closed':
      return 'closed';
    case 'probing':
      return 'half_open';
    case 'open':
      return state.isHeard && nowMs >= state.untilMs ? 'closed' : 'open';
    case 'shut':
      return 'open';
    default:
      return state satisfies never;
  }
}

function errorOf(server: string, { reason, retryAfterMs, suggestion }: CircuitRefusal): BridgeError {
  if (retryAfterMs === undefined) {
    const data = { reason, ...(suggestion !== undefined && { suggestion }), ...REFUSED };
    return new BridgeError('upstream_unavailable', `The upstream refuses the bridge (${server})`, data);
  }
  return new BridgeError('upstream_unavailable', `The upstream is unavailable (${server})`, {
    reason,
    retry_after_ms: Math.ceil(retryAfterMs),
  });
}
