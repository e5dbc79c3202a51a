/** A line over the cap: what is kept of it. */
export interface OversizeLine {
  readonly head: string;
  readonly tail: string;
  readonly bytes: number;
}

export interface LineSink {
  line(text: string): void;
  oversize(line: OversizeLine): void;
}

const NEWLINE = 0x0a;
const KEPT_BYTES = 256;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Cuts a stream of bytes into lines; however the stream was chunked, the lines are the same. Each byte is searched once
 * and a line is decoded only when it is whole, so a character cut by a chunk survives and long lines cost no more.
 */
export class LineFramer {
  private pieces: Buffer[] = [];
  private size = 0;
  /** First and last bytes of the line that is being dropped. */
  private dropped: { readonly head: Buffer; tail: Buffer } | undefined;

  /** @param maxBytes at least 256, what is kept of either end */
  constructor(
    private readonly maxBytes: number,
    private readonly sink: LineSink,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.take(chunk.subarray(start, end));
      this.finish();
      start = end + 1;
    }
    if (start < chunk.length) this.take(chunk.subarray(start));
  }

  /** The stream is over: what it left without a newline counts as a line. */
  end(): void {
    if (this.size > 0) this.finish();
  }

  private take(piece: Buffer): void {
    this.size += piece.length;
    if (this.dropped) {
      this.dropped.tail = lastBytes(piece.length < KEPT_BYTES ? Buffer.concat([this.dropped.tail, piece]) : piece);
      return;
    }
    this.pieces.push(piece);
    if (this.size > this.maxBytes) this.drop();
  }

  /** From here on memory holds two ends of the line, not the line. */
  private drop(): void {
    const whole = joined(this.pieces);
    this.dropped = { head: Buffer.from(whole.subarray(0, KEPT_BYTES)), tail: lastBytes(whole) };
    this.pieces = [];
  }

  private finish(): void {
    const { pieces, size, dropped } = this;
    this.pieces = [];
    this.size = 0;
    this.dropped = undefined;
    if (dropped) {
      this.sink.oversize({ head: dropped.head.toString(), tail: dropped.tail.toString(), bytes: size });
      return;
    }
    const text = joined(pieces).toString();
    const line = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    if (line.trim() !== '') this.sink.line(line);
  }
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [first, second] = pieces;
  if (first === undefined) return Buffer.alloc(0);
  return second === undefined ? first : Buffer.concat(pieces);
}

/** A copy, so that the chunk it came from can be collected. */
function lastBytes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(Math.max(0, bytes.length - KEPT_BYTES)));
}
