import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { guardSockets } from './socket-limits.js';

describe(guardSockets.name, () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function listening(perAddress: number): Promise<() => Socket> {
    server = createServer((_, response) => response.end('ok'));
    guardSockets(server, { total: 100, perAddress });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    return () => connect(port, '127.0.0.1').on('error', () => undefined);
  }

  async function isServed(socket: Socket): Promise<boolean> {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
  }

  it('cuts the socket that is one too many for an address, and lets the next in when one has gone', async () => {
    const open = await listening(2);
    const sockets = [open(), open()];
    expect(await Promise.all(sockets.map(isServed))).toEqual([true, true]);
    expect(await isServed(open())).toBe(false);

    sockets[0]?.end();
    await once(sockets[0]!, 'close');
    expect(await isServed(open())).toBe(true);
  });

  it('gives slow senders less time than Node does', async () => {
    await listening(2);
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 2000,
    });
  });
});
