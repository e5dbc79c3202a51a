import { BridgeError } from '../call/bridge-error.js';
import type { ClientSessionsConfig } from './client-sessions.config.js';

/** Bounds the client sessions that this process has open, per principal and in all. */
export class SessionQuota {
  /** Principal → session → its expiry as last seen here, wall clock ms. */
  private readonly open = new Map<string, Map<string, number>>();
  private total = 0;

  constructor(private readonly config: ClientSessionsConfig) {}

  /** @throws BridgeError `no_sessions` when one more would be too many; renewing an open one never is */
  admit(principal: string, id: string): void {
    if (this.open.get(principal)?.has(id)) return;
    if (this.total >= this.config.max) this.dropExpired();
    const own = this.open.get(principal)?.size ?? 0;
    if (own >= this.config.maxPerKey) this.dropExpired(principal);
    if ((this.open.get(principal)?.size ?? 0) >= this.config.maxPerKey) throw tooMany('client_sessions.max_per_key', this.config.maxPerKey);
    if (this.total >= this.config.max) throw tooMany('client_sessions.max', this.config.max);
  }

  seen(principal: string, id: string, expiresAt: number): void {
    const own = this.open.get(principal) ?? new Map<string, number>();
    this.open.set(principal, own);
    if (!own.has(id)) this.total += 1;
    own.set(id, expiresAt);
  }

  ended(principal: string, id: string): void {
    const own = this.open.get(principal);
    if (!own?.delete(id)) return;
    this.total -= 1;
    if (own.size === 0) this.open.delete(principal);
  }

  private dropExpired(only?: string): void {
    const now = Date.now();
    for (const [principal, own] of this.open) {
      if (only !== undefined && principal !== only) continue;
      for (const [id, expiresAt] of own) if (expiresAt <= now) this.ended(principal, id);
    }
  }
}

function tooMany(limit: string, value: number): BridgeError {
  return new BridgeError(
    'no_sessions',
    'Too many client sessions are open: end one with DELETE /mcp/session, or call without X-Session-ID',
    { limit, value },
  );
}
