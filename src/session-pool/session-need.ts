/** What a call asks of the session it is lent. */
export interface SessionNeed {
  readonly kind: 'read' | 'write';
  /** Whose dedicated child it needs, where the upstream keeps one per client. */
  readonly client?: string;
  /** The client session that its child was opened for: when that child is gone, no other may run the call. */
  readonly session?: string;
  /** Names the call by its content: server, method and canonical arguments. */
  readonly fingerprint: string;
  /** It must have no neighbour on its session. */
  readonly alone?: boolean;
}
