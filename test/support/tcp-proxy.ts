import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What becomes of bytes in one direction.
 * - `pass`, `delay`: they arrive, at once or later, in order
 * - `hold`: they arrive, in order, when the direction passes again
 * - `drop`: they are lost and nobody is told
 */
export type Flow = { readonly as: 'pass' | 'hold' | 'drop' } | { readonly as: 'delay'; readonly ms: number };

/** A path to a server that can be made slow, half-open, or broken while connections run over it. */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private readonly flows: Record<'up' | 'down', Flow> = { up: { as: 'pass' }, down: { as: 'pass' } };
  private server?: Server;
  private ownPort = 0;

  private constructor(private target: number) {}

  /** @param target a port of this machine */
  static async to(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await proxy.listen();
    return proxy;
  }

  get port(): number {
    return this.ownPort;
  }

  /** @param direction `up` is towards the server; `slow`, `blackHole` and `heal` set both */
  set(direction: 'up' | 'down', flow: Flow): void {
    this.flows[direction] = flow;
    if (flow.as !== 'hold') for (const pair of this.pairs) pair.release(direction);
  }

  /** Connections that are made from now on go there. */
  lead(target: number): void {
    this.target = target;
  }

  /** @param ms each way */
  slow(ms: number): void {
    this.both({ as: 'delay', ms });
  }

  /** Connections stay, and new ones are accepted, but nothing comes through: as behind a firewall that drops. */
  blackHole(): void {
    this.both({ as: 'drop' });
  }

  heal(): void {
    this.both({ as: 'pass' });
  }

  /**
   * The first bytes that a client sends with `marker` in them, and what follows them on their connection, stay on their
   * way until `deliver`, even when the client has hung up meanwhile. Other connections pass.
   */
  strand(marker: string): void {
    for (const pair of this.pairs) pair.strand(marker);
  }

  deliver(): void {
    for (const pair of [...this.pairs]) pair.deliverStranded();
  }

  /** Ends all connections rudely; new ones are welcome. */
  reset(): void {
    for (const pair of [...this.pairs]) pair.reset();
  }

  /** As if nobody listened: connections end, new ones are refused until `accept`. */
  async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    server.close();
    this.reset();
    await once(server, 'close');
  }

  async accept(): Promise<void> {
    if (!this.server) await this.listen();
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    server.close();
    for (const pair of [...this.pairs]) pair.end();
    await once(server, 'close');
  }

  private async listen(): Promise<void> {
    this.server = createServer((client) => {
      const pair = new Pair(client, connect(this.target, '127.0.0.1'), this.flows, () => this.pairs.delete(pair));
      this.pairs.add(pair);
    }).listen(this.ownPort, '127.0.0.1');
    await once(this.server, 'listening');
    this.ownPort = (this.server.address() as AddressInfo).port;
  }

  private both(flow: Flow): void {
    this.set('up', flow);
    this.set('down', flow);
  }
}

/** A client, the server, and the bytes in between. */
class Pair {
  private readonly held: Record<'up' | 'down', Buffer[]> = { up: [], down: [] };
  private strandedBy?: string;
  private isStranded = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly flows: Readonly<Record<'up' | 'down', Flow>>,
    private readonly ended: () => void,
  ) {
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
    server.on('close', () => this.end());
    client.on('close', () => {
      if (!this.isStranded) this.end();
    });
    client.on('data', (bytes: Buffer) => this.carry('up', bytes));
    server.on('data', (bytes: Buffer) => this.carry('down', bytes));
  }

  release(direction: 'up' | 'down'): void {
    for (const bytes of this.held[direction].splice(0)) this.deliver(direction, bytes);
  }

  strand(marker: string): void {
    this.strandedBy = marker;
  }

  deliverStranded(): void {
    this.strandedBy = undefined;
    if (!this.isStranded) return;
    this.isStranded = false;
    this.release('up');
    if (this.client.destroyed) this.server.end();
  }

  /** Never a reset where an end may be under way: Node would lose the socket, and its process never exit. */
  end(): void {
    this.client.destroy();
    this.server.destroy();
    this.ended();
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
    this.ended();
  }

  private carry(direction: 'up' | 'down', bytes: Buffer): void {
    if (direction === 'up' && this.strandedBy !== undefined && bytes.includes(this.strandedBy)) this.isStranded = true;
    const flow: Flow = direction === 'up' && this.isStranded ? { as: 'hold' } : this.flows[direction];
    switch (flow.as) {
      case 'pass': {
        this.deliver(direction, bytes);
        return;
      }
      case 'delay':
        setTimeout(() => this.deliver(direction, bytes), flow.ms).unref();
        return;
      case 'hold':
        this.held[direction].push(bytes);
        return;
      case 'drop':
        return;
      default:
        return flow satisfies never;
    }
  }

  private deliver(direction: 'up' | 'down', bytes: Buffer): void {
    const to = direction === 'up' ? this.server : this.client;
    if (!to.destroyed) to.write(bytes);
  }
}
