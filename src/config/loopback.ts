import { isIP } from 'node:net';

/** Whether only programs on this machine can reach `host`, an address or a name without brackets. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
