import { hashOf } from '../call/canonical-json.js';
import type { Replicas } from '../shared-state/replicas.js';
import type { SharedState } from '../shared-state/shared-state.js';
import type { ClientSessionsConfig } from './client-sessions.config.js';

/** More often nobody moves out between two looks. */
const LOOKS = 3;

/** On which replica a principal's own child lives, which serves his calls without a session: wherever the first one came. */
export class ClientHomes {
  constructor(
    private readonly shared: SharedState,
    private readonly replicas: Replicas,
    private readonly config: ClientSessionsConfig,
  ) {}

  /** From now on here, unless it is elsewhere already. */
  async of(server: string, principal: string): Promise<string> {
    const key = keyOf(server, principal);
    for (let look = 0; look < LOOKS; look += 1) {
      const known = await this.shared.get(key);
      if (typeof known === 'string' && !this.replicas.isGone(known)) return known;
      if (known !== undefined) await this.shared.delete(key);
      if (await this.shared.putIfAbsent(key, this.replicas.id, this.config.maxAgeSeconds * 1000)) break;
    }
    return this.replicas.id;
  }

  async leave(server: string, principal: string): Promise<void> {
    await this.shared.delete(keyOf(server, principal));
  }
}

function keyOf(server: string, principal: string): string {
  return `client:${hashOf([server, principal])}`;
}
