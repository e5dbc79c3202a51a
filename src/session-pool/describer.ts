import { BridgeError } from '../call/bridge-error.js';
import type { CrashRecord } from './crash-record.js';
import type { Fleet } from './fleet.js';
import type { SessionDescription } from './session-description.js';

/** What the upstream says of itself, for callers who come before its first session. */
export class Describer {
  private readonly waiters = new Set<() => void>();

  constructor(
    private readonly server: string,
    private readonly fleet: Fleet,
    private readonly crashes: CrashRecord,
  ) {}

  /** @throws BridgeError `no_sessions` when the signal aborts before one is ready, `upstream_unavailable` when none will be */
  describe(signal: AbortSignal): Promise<SessionDescription> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        const answer = signal.aborted ? this.noSessions() : (this.known() ?? this.hopeless());
        if (!answer) return;
        this.waiters.delete(settle);
        signal.removeEventListener('abort', settle);
        if (answer instanceof BridgeError) reject(answer);
        else resolve(answer);
      };
      this.waiters.add(settle);
      signal.addEventListener('abort', settle);
      settle();
    });
  }

  /** To be called when a session may have become ready, or waiting pointless. */
  look(): void {
    for (const settle of this.waiters) settle();
  }

  private known(): SessionDescription | undefined {
    for (const { session } of this.fleet.members.values()) if (session.state === 'ready') return session.description;
    return undefined;
  }

  private hopeless(): BridgeError | undefined {
    if (this.fleet.isClosed) return this.noSessions();
    const { broken, trouble, waitMs } = this.crashes;
    if (!broken || !trouble) return undefined;
    const data = { reason: 'start_failed', detail: trouble.reason, retry_after_ms: Math.ceil(waitMs) };
    return new BridgeError('upstream_unavailable', `The upstream does not start (${this.server})`, data);
  }

  private noSessions(): BridgeError {
    return new BridgeError('no_sessions', `No session of ${this.server} is ready`);
  }
}
