import type { Writable } from 'node:stream';

/** A line on its way to the child. */
export interface OutgoingLine {
  /** No longer ours to take back: from now on the child may act on it. */
  readonly handedOver: boolean;
}

interface Waiting extends OutgoingLine {
  handedOver: boolean;
  readonly text: string;
  readonly bytes: number;
  readonly gate: Gate | undefined;
}

export interface Gate {
  /** Asked in the tick in which the line leaves; false drops it. */
  mayLeave(): boolean;
  dropped(): void;
}

const HAND_OVER_BYTES = 64 * 1024;
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * The bounded queue in front of a child's stdin. At most 64 KiB are in Node's hands at a time (a longer line goes alone),
 * so that whatever a child does not read can still be taken back, provably unsent.
 *
 * The lines of one turn of the event loop leave as one text in one system call, which is the dearest part of a call by
 * far. A tick would be too short, since each connection's request arrives in one of its own; a lone line loses nothing,
 * since the turn ends before the loop waits again.
 */
export class OutgoingQueue {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private pumpIsDue = false;
  private isWriting = false;
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
    const bytes = Buffer.byteLength(text) + 1;
    if (this.closed || this.waitingBytes + bytes > MAX_WAITING_BYTES) return undefined;
    const line: Waiting = { handedOver: false, text, bytes, gate };
    this.waiting.push(line);
    this.waitingBytes += bytes;
    this.tellBlocked();
    this.pumpSoon();
    return line;
  }

  /** True: the line is out of the queue, no byte of it has left. */
  withdraw(line: OutgoingLine): boolean {
    const index = this.waiting.findIndex((other) => other === line);
    if (index === -1) return !line.handedOver;
    const [taken] = this.waiting.splice(index, 1);
    this.waitingBytes -= taken?.bytes ?? 0;
    this.tellBlocked();
    return true;
  }

  /** Nothing more leaves; what waits stays unsent. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }

  private pumpSoon(): void {
    if (this.pumpIsDue || this.isWriting) return;
    this.pumpIsDue = true;
    setImmediate(() => {
      this.pumpIsDue = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.closed || this.isWriting) return;
    const text = this.take();
    if (text !== '') {
      this.isWriting = true;
      this.pipe.write(text, () => {
        this.isWriting = false;
        if (this.waiting.length > 0) this.pumpSoon();
      });
    }
    this.tellBlocked();
  }

  /** What may leave now, as one text. Whoever is dropped here may push or withdraw others, so each step looks anew. */
  private take(): string {
    let text = '';
    let bytes = 0;
    for (let next = this.waiting[0]; next && (bytes === 0 || bytes + next.bytes <= HAND_OVER_BYTES); next = this.waiting[0]) {
      this.waiting.shift();
      this.waitingBytes -= next.bytes;
      if (next.gate?.mayLeave() === false) {
        next.gate.dropped();
        continue;
      }
      next.handedOver = true;
      text += `${next.text}\n`;
      bytes += next.bytes;
    }
    return text;
  }

  private tellBlocked(): void {
    if (this.blocked === this.wasBlocked) return;
    this.wasBlocked = this.blocked;
    this.onBlocked();
  }
}
