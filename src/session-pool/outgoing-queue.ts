import type { Writable } from 'node:stream';

/** A line on its way to the child. */
export interface OutgoingLine {
  /** No longer ours to take back: from now on the child may act on it. */
  readonly handedOver: boolean;
}

interface Waiting extends OutgoingLine {
  handedOver: boolean;
  readonly bytes: Buffer;
  readonly gate: Gate | undefined;
}

export interface Gate {
  /** Asked in the tick in which the line leaves; false drops it. */
  mayLeave(): boolean;
  dropped(): void;
}

const HAND_OVER_BYTES = 64 * 1024;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * The bounded queue in front of a child's stdin. At most 64 KiB are in Node's hands at a time (a longer line goes alone),
 * so that whatever a child does not read can still be taken back, provably unsent.
 */
export class OutgoingQueue {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private flyingBytes = 0;
  private closed = false;
  private wasBlocked = false;

  constructor(
    private readonly pipe: Writable,
    private readonly onBlocked: () => void,
  ) {}

  /** Over half of its bound: the child reads too slowly for more work. */
  get blocked(): boolean {
    return this.waitingBytes > MAX_WAITING_BYTES / 2;
  }

  /** Undefined when the bound is reached or the pipe is closed: nothing was taken. */
  push(text: string, gate?: Gate): OutgoingLine | undefined {
    const bytes = Buffer.from(text + '\n');
    if (this.closed || this.waitingBytes + bytes.length > MAX_WAITING_BYTES) return undefined;
    const line: Waiting = { handedOver: false, bytes, gate };
    this.waiting.push(line);
    this.waitingBytes += bytes.length;
    this.pump();
    return line;
  }

  /** True: the line is out of the queue, no byte of it has left. */
  withdraw(line: OutgoingLine): boolean {
    const index = this.waiting.findIndex((other) => other === line);
    if (index === -1) return !line.handedOver;
    const [taken] = this.waiting.splice(index, 1);
    this.waitingBytes -= taken?.bytes.length ?? 0;
    this.tellBlocked();
    return true;
  }

  /** Nothing more leaves; what waits stays unsent. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }

  private pump(): void {
    for (let next = this.waiting[0]; next && !this.closed && this.hasRoomFor(next.bytes.length); next = this.waiting[0]) {
      this.waiting.shift();
      this.waitingBytes -= next.bytes.length;
      this.handOver(next);
    }
    this.tellBlocked();
  }

  private hasRoomFor(bytes: number): boolean {
    return this.flyingBytes === 0 || this.flyingBytes + bytes <= HAND_OVER_BYTES;
  }

  private handOver(line: Waiting): void {
    if (line.gate?.mayLeave() === false) {
      line.gate.dropped();
      return;
    }
    line.handedOver = true;
    this.gather();
    this.flyingBytes += line.bytes.length;
    this.pipe.write(line.bytes, () => {
      this.flyingBytes -= line.bytes.length;
      if (this.waiting.length > 0) this.pump();
    });
  }

  /**
   * All lines of one turn of the event loop leave in one system call: the dearest part of a call by far. A tick would be
   * too short, since each connection's request arrives in one of its own.
   */
  private gather(): void {
    if (this.pipe.writableCorked > 0) return;
    this.pipe.cork();
    setImmediate(() => this.pipe.uncork());
  }

  private tellBlocked(): void {
    if (this.blocked === this.wasBlocked) return;
    this.wasBlocked = this.blocked;
    this.onBlocked();
  }
}
