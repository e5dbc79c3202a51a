import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Reply {
  readonly id: number;
  readonly type: string;
  readonly success?: boolean;
  readonly result?: any;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface RestReply {
  readonly status: number;
  readonly text: string;
  readonly json: any;
}

export interface HouseAddress {
  readonly url: string;
  readonly token: string;
}

/** Speaks to a house as anybody could, by WebSocket and REST, without a word of the server under test. */
export class HouseClient {
  /** Everything that came in, in order. */
  readonly frames: any[] = [];
  /** How many of the messages were arrays. */
  arrays = 0;
  /** Resolves with the code of the close. */
  readonly closed: Promise<number>;
  private lastId = 0;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private readonly listeners = new Map<number, (event: any) => void>();

  private constructor(
    readonly address: HouseAddress,
    readonly socket: WebSocket,
  ) {
    this.closed = once(socket, 'close').then(([code]) => code as number);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString())));
    void this.closed.then(() => this.waiting.forEach((resolve, id) => resolve({ id, type: 'closed', success: false })));
  }

  /** A socket that has said nothing yet; the house has greeted it. */
  static async knock(address: HouseAddress): Promise<HouseClient> {
    const client = new HouseClient(
      address,
      new WebSocket(`${address.url.replace(/^http/, 'ws')}/api/websocket`, { perMessageDeflate: false }),
    );
    await client.nextFrame();
    return client;
  }

  static async join(address: HouseAddress): Promise<HouseClient> {
    const client = await HouseClient.knock(address);
    client.sendRaw(JSON.stringify({ type: 'auth', access_token: address.token }));
    const { type, message } = await client.nextFrame();
    if (type !== 'auth_ok') throw new Error(`${type}: ${message}`);
    return client;
  }

  send(type: string, fields: object = {}): Promise<Reply> {
    const id = ++this.lastId;
    const reply = new Promise<Reply>((resolve) => this.waiting.set(id, resolve));
    this.sendRaw(JSON.stringify({ id, type, ...fields }));
    return reply;
  }

  sendRaw(text: string): void {
    this.socket.send(text);
  }

  /** Ids up to this one have been used by `sendRaw`. */
  skipTo(id: number): void {
    this.lastId = id;
  }

  /** The result of a command that must succeed. */
  async ask(type: string, fields: object = {}): Promise<any> {
    const { success, result, error } = await this.send(type, fields);
    if (success !== true) throw new Error(`${type}: ${JSON.stringify(error)}`);
    return result;
  }

  call(service: string, target?: object, data: object = {}, more: object = {}): Promise<Reply> {
    const [domain, name] = service.split('.');
    return this.send('call_service', { domain, service: name, service_data: data, ...(target === undefined ? {} : { target }), ...more });
  }

  /** `listener` hears the events of the subscription from the first on. */
  async subscribe(type: string, fields: object, listener: (event: any) => void): Promise<Reply> {
    this.listeners.set(this.lastId + 1, listener);
    return this.send(type, fields);
  }

  async rest(method: string, path: string, body?: unknown, token = this.address.token): Promise<RestReply> {
    const response = await fetch(this.address.url + path, {
      method,
      headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
  }

  async state(entityId: string): Promise<any> {
    return (await this.rest('GET', `/api/states/${entityId}`)).json;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  private async nextFrame(): Promise<any> {
    const before = this.frames.length;
    if (this.socket.readyState === WebSocket.CLOSED) throw new Error('closed');
    await Promise.race([once(this.socket, 'message'), this.closed]);
    return this.frames[before] ?? { type: 'closed' };
  }

  private receive(message: any): void {
    if (Array.isArray(message)) this.arrays++;
    for (const frame of [message].flat()) {
      this.frames.push(frame);
      if (frame.type === 'event') this.listeners.get(frame.id)?.(frame.event);
      this.waiting.get(frame.id)?.(frame);
      if (frame.type !== 'event') this.waiting.delete(frame.id);
    }
  }
}
