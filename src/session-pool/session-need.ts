/** What a call asks of the session it is lent. */
export interface SessionNeed {
  readonly kind: 'read' | 'write';
  /** Whose dedicated child it needs, where the upstream keeps one per client. */
  readonly client?: string;
  /** Names the call by its content: server, method and canonical arguments. */
  readonly fingerprint: string;
  /** It must have no neighbour on its session. */
  readonly alone?: boolean;
}
