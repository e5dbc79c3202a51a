import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';

type Message = Readonly<Record<string, unknown>>;
type Manners = (message: Message, socket: WebSocket) => 'answer' | 'silence';

/** Just enough of Home Assistant's WebSocket to connect to; how it treats a command is the test's choice. */
export class RudeHouse {
  readonly received: Message[] = [];
  logins = 0;
  private sockets: WebSocketServer | undefined;

  constructor(
    private manners: Manners = () => 'answer',
    private token = 'good',
  ) {}

  async listen(): Promise<string> {
    this.sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    this.sockets.on('connection', (socket) => this.welcome(socket));
    await once(this.sockets, 'listening');
    return `http://127.0.0.1:${(this.sockets.address() as AddressInfo).port}`;
  }

  get openSockets(): number {
    return this.sockets?.clients.size ?? 0;
  }

  behave(manners: Manners): void {
    this.manners = manners;
  }

  revokeToken(): void {
    this.token = 'another';
    this.drop();
  }

  drop(): void {
    for (const socket of this.sockets?.clients ?? []) socket.terminate();
  }

  close(): void {
    this.drop();
    this.sockets?.close();
  }

  private welcome(socket: WebSocket): void {
    const send = (message: object) => socket.send(JSON.stringify(message));
    send({ type: 'auth_required', ha_version: '2025.4.4' });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Message;
      if (message.type === 'auth') {
        this.logins++;
        send(message.access_token === this.token ? { type: 'auth_ok', ha_version: '2025.4.4' } : { type: 'auth_invalid', message: 'no' });
        return;
      }
      this.received.push(message);
      if (this.manners(message, socket) === 'answer') this.answer(message, send);
    });
  }

  private answer({ id, type }: Message, send: (message: object) => void): void {
    if (type === 'ping') {
      send({ id, type: 'pong' });
      return;
    }
    send({ id, type: 'result', success: true, result: RESULTS[String(type)] ?? null });
    if (type === 'subscribe_entities') send({ id, type: 'event', event: { a: { 'light.a': { s: 'on', a: {}, c: 'x', lc: 1 } } } });
  }
}

const RESULTS: Readonly<Record<string, unknown>> = {
  'auth/current_user': { is_admin: true },
  get_config: { state: 'RUNNING' },
  get_services: { light: { turn_on: { fields: {} } }, homeassistant: { restart: { fields: {} } } },
  call_service: { context: { id: 'c' } },
};
