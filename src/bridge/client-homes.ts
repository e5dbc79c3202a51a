import { hashOf } from '../call/canonical-json.js';
import type { Replicas } from '../shared-state/replicas.js';
import type { SharedState } from '../shared-state/shared-state.js';
import type { ClientSessionsConfig } from './client-sessions.config.js';

/** More often nobody moves out between two looks. */
const LOOKS = 3;
/** Beyond the time after which its replica looks whether the child is used, and stays. */
const SPARE_MS = 3_600_000;

/** On which replica a principal's own child lives, which serves his calls without a session: wherever the first one came. */
export class ClientHomes {
  constructor(
    private readonly shared: SharedState,
    private readonly replicas: Replicas,
    private readonly config: ClientSessionsConfig,
  ) {}

  /** From now on here, unless it is elsewhere already. */
  async of(server: string, principal: string): Promise<string> {
    const home = keyOf(server, principal);
    for (let look = 0; look < LOOKS; look += 1) {
      const [known] = await this.shared.members(home);
      if (known !== undefined && !this.replicas.isGone(known)) return known;
      if (known !== undefined) await this.shared.leave(home, known);
      if (await this.stay(server, principal)) break;
    }
    return this.replicas.id;
  }

  /** Here for longer. False: somebody lives there who took us for gone. */
  stay(server: string, principal: string): Promise<boolean> {
    return this.shared.join(keyOf(server, principal), this.replicas.id, this.config.idleSeconds * 1000 + SPARE_MS, 1);
  }

  /** No longer here; who took us for gone keeps it. */
  leave(server: string, principal: string): Promise<void> {
    return this.shared.leave(keyOf(server, principal), this.replicas.id);
  }
}

function keyOf(server: string, principal: string): string {
  return `client:${hashOf([server, principal])}`;
}
