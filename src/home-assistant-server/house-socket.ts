import type { WebSocket } from 'ws';
import { CommandRefused, HouseFailure } from './failures.js';
import { type Fields, fieldsOf, parseJson, textOf } from './fields.js';
import { HANDSHAKE_WITHIN_MS, logIn, webSocketUrl } from './house-login.js';
import type { HouseAddress } from './settings.js';

const MAX_INCOMING_BYTES = 64 << 20;
const MAX_OUTGOING_BYTES = 4 << 20;
/** How `ws` names a message above its limit; the code of the close that follows does not tell. */
const TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

export interface Heartbeat {
  /** Silence after which we ask whether anybody is there. */
  readonly silenceMs: number;
  readonly pongWithinMs: number;
}

/** The socket ended before the answer. Unless `sent`, nothing of the request had left. */
export class SocketLost extends Error {
  constructor(
    readonly sent: boolean,
    readonly tooLarge = false,
  ) {
    super('Connexion à Home Assistant perdue');
    this.name = 'SocketLost';
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One authenticated WebSocket, from its opening to its end. */
export class HouseSocket {
  /** Resolves when the socket has ended, for whatever reason. */
  readonly closed: Promise<SocketLost>;
  private lastId = 0;
  private lastHeardMs = performance.now();
  private silence: NodeJS.Timeout | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<number, (event: Fields) => void>();

  private constructor(
    private readonly socket: WebSocket,
    readonly version: string,
    private readonly heartbeat: Heartbeat,
  ) {
    socket.on('message', (data: Buffer) => this.receive(data));
    this.listen();
    this.closed = new Promise((resolve) => {
      let tooLarge = false;
      socket.on('error', (error: NodeJS.ErrnoException) => (tooLarge ||= error.code === TOO_LARGE));
      socket.once('close', () => {
        clearTimeout(this.silence);
        const lost = new SocketLost(true, tooLarge);
        for (const { reject } of this.waiting.values()) reject(lost);
        this.waiting.clear();
        resolve(lost);
      });
    });
  }

  /** @throws HouseFailure when the token is refused, any other Error when nobody is there */
  static async open(address: HouseAddress, heartbeat: Heartbeat): Promise<HouseSocket> {
    // Loaded now and not before: whoever starts us waits for the answer to initialize.
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(webSocketUrl(address.url), {
      handshakeTimeout: HANDSHAKE_WITHIN_MS,
      maxPayload: MAX_INCOMING_BYTES,
      perMessageDeflate: false,
    });
    try {
      const version = await logIn(socket, address.token);
      return new HouseSocket(socket, version, heartbeat);
    } catch (error) {
      socket.terminate();
      throw error;
    }
  }

  /**
   * Resolves with the result of a command.
   * @throws CommandRefused for Home Assistant's no, SocketLost when the socket ended first, HouseFailure when it is too long to send
   */
  async request(type: string, fields: Fields = {}): Promise<unknown> {
    return this.send(type, fields).answer;
  }

  /** `listener` hears every event of the subscription, in order, until the socket ends. */
  async subscribe(type: string, fields: Fields, listener: (event: Fields) => void): Promise<void> {
    const { id, answer } = this.send(type, fields);
    this.listeners.set(id, listener);
    await answer;
  }

  /** How long the pong took, in milliseconds. A socket without one is dead, whatever else it may still say. */
  async ping(withinMs = this.heartbeat.silenceMs + this.heartbeat.pongWithinMs): Promise<number> {
    const sentMs = performance.now();
    const tooLate = setTimeout(() => this.terminate(), withinMs);
    try {
      await this.request('ping');
    } finally {
      clearTimeout(tooLate);
    }
    return Math.round(performance.now() - sentMs);
  }

  terminate(): void {
    this.socket.terminate();
  }

  private send(type: string, fields: Fields): { id: number; answer: Promise<unknown> } {
    const id = ++this.lastId;
    const message = JSON.stringify({ id, type, ...fields });
    if (Buffer.byteLength(message) > MAX_OUTGOING_BYTES) throw tooLong(fields, Buffer.byteLength(message));
    if (this.socket.readyState !== this.socket.OPEN) throw new SocketLost(false);
    const answer = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.socket.send(message);
    return { id, answer };
  }

  /** One message, or several in an array; what we do not know is passed over. */
  private receive(data: Buffer): void {
    this.lastHeardMs = performance.now();
    const message = parseJson(data.toString());
    for (const one of Array.isArray(message) ? (message as unknown[]) : [message]) this.take(fieldsOf(one));
  }

  private take({ id, type, success, result, error, event }: Fields): void {
    const key = Number(id);
    if (type === 'event') this.listeners.get(key)?.(fieldsOf(event));
    const waiting = this.waiting.get(key);
    if (waiting === undefined || (type !== 'result' && type !== 'pong')) return;
    this.waiting.delete(key);
    if (type === 'pong' || success === true) {
      waiting.resolve(result);
      return;
    }
    const { code, message } = fieldsOf(error);
    waiting.reject(new CommandRefused(textOf(code) ?? 'unknown_error', textOf(message) ?? 'Unknown error'));
  }

  /** Wakes up when it would have been silent long enough. */
  private listen(): void {
    const silentMs = performance.now() - this.lastHeardMs;
    this.silence = setTimeout(() => void this.checkPulse(), Math.max(0, this.heartbeat.silenceMs - silentMs));
  }

  private async checkPulse(): Promise<void> {
    if (performance.now() - this.lastHeardMs >= this.heartbeat.silenceMs) {
      await this.ping(this.heartbeat.pongWithinMs).catch(() => this.terminate());
    }
    if (this.socket.readyState === this.socket.OPEN) this.listen();
  }
}

/** Names the argument that has most of it, as the caller called it. */
function tooLong(fields: Fields, bytes: number): HouseFailure {
  const shares = Object.entries(fields).map(([key, value]) => ({ key, length: JSON.stringify({ value }).length }));
  const [largest] = shares.sort((a, b) => b.length - a.length);
  const argument = largest?.key === 'target' ? 'entity_id' : 'data';
  return new HouseFailure(
    'invalid_service_data',
    `${argument} est trop long: l'ordre ferait ${bytes} octets, Home Assistant en accepte ${MAX_OUTGOING_BYTES}; en envoyer moins à la fois, ou l'adresse où le lire`,
  );
}
