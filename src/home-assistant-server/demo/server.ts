import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { DemoHouse } from './demo-house.js';
import { RestApi } from './rest-api.js';
import { WebSocketSession } from './websocket-session.js';

const MAX_MESSAGE_BYTES = 4 << 20;

/** Home Assistant's REST and WebSocket protocols in front of the house. */
export class DemoServer {
  private readonly rest: RestApi;
  private readonly http = createServer((request, response) => void this.rest.answer(request, response));
  private readonly sockets = new WebSocketServer({ server: this.http, path: '/api/websocket', maxPayload: MAX_MESSAGE_BYTES });

  constructor(
    private readonly demo: DemoHouse,
    private readonly token: string,
  ) {
    this.rest = new RestApi(demo, token);
    this.sockets.on('connection', (socket) => new WebSocketSession(socket, this.demo, this.token));
  }

  /** Resolves with the base URL once connections are accepted; port 0 takes a free one. */
  listen(port: number, host = '127.0.0.1'): Promise<string> {
    return new Promise((resolve, reject) => {
      this.http.once('error', reject);
      this.http.listen(port, host, () => resolve(`http://${host}:${(this.http.address() as AddressInfo).port}`));
    });
  }

  /** Drops every connection, as a house whose power fails. */
  async close(): Promise<void> {
    this.demo.close();
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
}
