import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const MAX_SOCKETS = 10_000;
const MAX_SOCKETS_PER_ADDRESS = 1000;

/**
 * Cuts slow senders and caps sockets, in all and per peer address. To be called before `listen`.
 * Idle connections live longer than those of any usual balancer, so that it never sends into one we just closed.
 */
export function guardSockets(server: Server, caps = { total: MAX_SOCKETS, perAddress: MAX_SOCKETS_PER_ADDRESS }): void {
  Object.assign(server, {
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 2000,
    keepAliveTimeout: 65_000,
    maxConnections: caps.total,
  });
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > caps.perAddress) socket.destroy();
  });
}
