import { HouseFailure } from './failures.js';
import { SocketLost } from './house-socket.js';

const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection lost',
  EPIPE: 'Connection lost',
  ENOTFOUND: 'Host not found',
  EAI_AGAIN: 'Host not found',
  EHOSTUNREACH: 'Host unreachable',
  ENETUNREACH: 'Host unreachable',
  ETIMEDOUT: 'Connection timeout',
};

/** Why there is no connection, in words of a closed list: nothing of what the other side said gets out by it. */
export function reasonOf(error: unknown): string {
  if (error instanceof SocketLost) return error.tooLarge ? 'Answer too large' : 'Connection lost';
  if (error instanceof HouseFailure) return byFailure(error);
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined && code in BY_CODE) return BY_CODE[code] ?? 'Connection failed';
  if (code !== undefined && /CERT|SSL|TLS|SELF_SIGNED/.test(code)) return 'Certificate refused';
  return /timeout|timed out/i.test(message ?? '') ? 'Connection timeout' : 'Connection failed';
}

function byFailure({ code }: HouseFailure): string {
  switch (code) {
    case 'ha_unauthorized':
      return 'Access token refused';
    case 'ha_banned':
      return 'Address banned';
    case 'ha_not_configured':
      return 'Not configured';
    default:
      return 'Connection failed';
  }
}
