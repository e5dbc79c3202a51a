import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Fields } from '../../../src/home-assistant-server/fields.js';
import type { HouseAddress } from '../../../src/home-assistant-server/settings.js';
import { type Dialect, DIALECTS } from './dialect.js';
import { type Fault, Faults } from './faults.js';
import { FrontSocket } from './front-socket.js';
import { passRequest } from './front-rest.js';
import { Journal } from './journal.js';
import { plainUsersFault } from './plain-user.js';

/** How the house behaves towards everybody. */
export interface Mood {
  /** `auth_invalid` and 401. */
  isTokenRevoked: boolean;
  /** 403 for everything; open sockets go on. */
  isBanned: boolean;
  /** Half open: nothing is read and nothing said, pongs neither, and nothing is closed. */
  isSilent: boolean;
  /** Frames are arrays with something unknown in them. */
  speaksInArrays: boolean;
  isPlainUser: boolean;
  isRunning: boolean;
  passesEvents: (event: Fields) => boolean;
}

const GOOD: Readonly<Mood> = {
  isTokenRevoked: false,
  isBanned: false,
  isSilent: false,
  speaksInArrays: false,
  isPlainUser: false,
  isRunning: true,
  passesEvents: () => true,
};

/**
 * Stands between clients and a house, a demo one or a real one: writes down what reaches the house, and misbehaves on
 * command. It does nothing by itself: with no fault and in good mood, what comes out is what the house said.
 */
export class HouseFront {
  readonly journal = new Journal();
  readonly faults = new Faults();
  readonly mood: Mood = { ...GOOD };
  private server: Server | undefined;
  private port = 0;
  private connections = 0;
  private readonly sockets = new Set<FrontSocket>();
  private keptBack: (() => void)[] = [];

  constructor(
    readonly behind: HouseAddress,
    readonly token = behind.token,
    readonly dialect: Dialect = DIALECTS['2025.4.4'],
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Always on the port it had before. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void passRequest(this, request, response).catch(() => response.destroy()));
    const door = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (this.mood.isSilent) return;
      if (this.mood.isBanned) socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      else door.handleUpgrade(request, socket, head, (client) => this.welcome(new FrontSocket(client, this, ++this.connections), client));
    });
    this.server = server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  /** Every connection ends and new ones are refused, until `listen`. */
  async vanish(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.dropAll();
    if (!server) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  dropAll(): void {
    for (const socket of this.sockets) socket.end();
  }

  get openSockets(): number {
    return this.sockets.size;
  }

  /** Good mood, no faults; what was kept back is forgotten. */
  calm(): void {
    Object.assign(this.mood, GOOD);
    this.faults.clear();
    this.keptBack = [];
  }

  /** Says what `late` kept back, the last first when the order is to be wrong. */
  release(order: 'in order' | 'reversed' = 'in order'): void {
    const words = this.keptBack;
    this.keptBack = [];
    for (const say of order === 'reversed' ? words.reverse() : words) say();
  }

  get keptBackCount(): number {
    return this.keptBack.length;
  }

  keepBack(say: () => void): void {
    this.keptBack.push(say);
  }

  /** What follows from the mood, else a fault that was ordered, else what this version says otherwise. */
  faultFor(command: string, fields: Fields): Fault | undefined {
    const { isRunning, isPlainUser } = this.mood;
    if (!isRunning && command === 'get_config') return { as: 'edit', edit: (config) => ({ ...(config as object), state: 'STARTING' }) };
    const forbidden = isPlainUser ? plainUsersFault(command, fields, this.dialect) : undefined;
    return forbidden ?? this.faults.take(command, fields) ?? this.dialect.faultOf(command, fields);
  }

  private welcome(socket: FrontSocket, client: { once(event: 'close', listener: () => void): unknown }): void {
    this.sockets.add(socket);
    client.once('close', () => this.sockets.delete(socket));
  }
}
