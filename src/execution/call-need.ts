import { hashOf } from '../call/canonical-json.js';
import type { UpstreamRequest } from '../call/upstream-request.js';
import type { SessionNeed } from '../session-pool/session-need.js';

/** What a call asks of the session it is lent. Its fingerprint is made when somebody asks: hardly ever, since few calls kill. */
export class CallNeed implements SessionNeed {
  readonly kind: 'read' | 'write';
  readonly client?: string;
  readonly session?: string;
  private known?: string;

  constructor(private readonly request: UpstreamRequest) {
    const { kind, client, session } = request;
    this.kind = kind;
    if (client !== undefined) this.client = client;
    if (session !== undefined) this.session = session;
  }

  get fingerprint(): string {
    const { server, method, params } = this.request;
    this.known ??= hashOf([server, method, params]);
    return this.known;
  }
}
