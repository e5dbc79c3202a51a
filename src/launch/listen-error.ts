/** The address of the configuration cannot be bound, in words for the operator. */
export class ListenError extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
    super(`cannot listen on ${host} port ${port}: ${REASONS[code] ?? code}`, { cause });
    this.name = 'ListenError';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this port; end it, or choose another one with --port',
  EADDRNOTAVAIL: 'this machine has no such address (bridge.host)',
  EACCES: 'this user may not open this port; ports from 1024 on are open to everybody',
  ENOTFOUND: 'this name has no address (bridge.host)',
};
