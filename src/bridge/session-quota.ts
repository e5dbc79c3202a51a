import { BridgeError } from '../call/bridge-error.js';
import { hashOf } from '../call/canonical-json.js';
import type { SharedState } from '../shared-state/shared-state.js';
import type { ClientSessionsConfig } from './client-sessions.config.js';

const ALL = 'sessions';

/** Bounds the client sessions that are open, per principal and in all: counted in the shared state, whichever replica ends them. */
export class SessionQuota {
  constructor(
    private readonly config: ClientSessionsConfig,
    private readonly shared: SharedState,
  ) {}

  /**
   * A place for `ttlMs`; a session that is open already has one, and is never refused.
   * @throws BridgeError `no_sessions` when one more would be too many
   */
  async take(principal: string, session: string, ttlMs: number): Promise<void> {
    const { max, maxPerKey } = this.config;
    const own = rosterOf(principal);
    if (!(await this.shared.join(own, session, ttlMs, maxPerKey))) throw tooMany('client_sessions.max_per_key', maxPerKey);
    if (await this.shared.join(ALL, session, ttlMs, max)) return;
    await this.shared.leave(own, session);
    throw tooMany('client_sessions.max', max);
  }

  /** Its place for longer: it counts, be it one too many after the store has lost its place. */
  async keep(principal: string, session: string, ttlMs: number): Promise<void> {
    await Promise.all([ALL, rosterOf(principal)].map((roster) => this.shared.join(roster, session, ttlMs, Number.MAX_SAFE_INTEGER)));
  }

  async leave(principal: string, session: string): Promise<void> {
    await Promise.all([ALL, rosterOf(principal)].map((roster) => this.shared.leave(roster, session)));
  }
}

function rosterOf(principal: string): string {
  return `sessions:${hashOf(principal)}`;
}

function tooMany(limit: string, value: number): BridgeError {
  return new BridgeError(
    'no_sessions',
    'Too many client sessions are open: end one with DELETE /mcp/session, or call without X-Session-ID',
    { limit, value },
  );
}
