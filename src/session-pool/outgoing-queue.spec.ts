import { Writable } from 'node:stream';
import { OutgoingQueue } from './outgoing-queue.js';

/** A pipe that takes a chunk and keeps it until told that it was read. */
class SlowPipe extends Writable {
  readonly taken: string[] = [];
  private readonly unread: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.taken.push(chunk.toString());
    this.unread.push(done);
  }

  async readOne(): Promise<void> {
    await tick();
    this.unread.shift()?.();
    await tick();
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve));
const kilobytes = (n: number) => 'x'.repeat(n * 1024);

describe(OutgoingQueue.name, () => {
  it('hands over the lines of one turn together, in order, each with its newline', async () => {
    const pipe = new SlowPipe();
    const queue = new OutgoingQueue(pipe, () => undefined);
    for (const text of ['a', 'b', 'c']) queue.push(text);
    expect(pipe.taken).toEqual([]);
    await pipe.readOne();
    queue.push('d');
    await pipe.readOne();
    expect(pipe.taken).toEqual(['a\nb\nc\n', 'd\n']);
  });

  it('can take back what was pushed in this turn', async () => {
    const pipe = new SlowPipe();
    const queue = new OutgoingQueue(pipe, () => undefined);
    const line = queue.push('a');
    queue.push('b');
    expect(line && queue.withdraw(line)).toBe(true);
    await pipe.readOne();
    expect(pipe.taken).toEqual(['b\n']);
  });

  it('keeps what goes beyond 64 KiB, and can prove it unsent', async () => {
    const queue = new OutgoingQueue(new SlowPipe(), () => undefined);
    const first = queue.push(kilobytes(40));
    const second = queue.push(kilobytes(40));
    await tick();

    expect(first && queue.withdraw(first)).toBe(false);
    expect(second && queue.withdraw(second)).toBe(true);
  });

  it('lets the next line go when the pipe has room again', async () => {
    const pipe = new SlowPipe();
    const queue = new OutgoingQueue(pipe, () => undefined);
    queue.push(kilobytes(40));
    const second = queue.push(kilobytes(40));
    await pipe.readOne();
    expect(second?.handedOver).toBe(true);
  });

  it('hands over a line longer than 64 KiB alone', async () => {
    const pipe = new SlowPipe();
    const queue = new OutgoingQueue(pipe, () => undefined);
    queue.push('short');
    const long = queue.push(kilobytes(200));
    expect(long?.handedOver).toBe(false);
    await pipe.readOne();
    expect(long?.handedOver).toBe(true);
  });

  it('asks the gate when the line leaves, not when it is queued', async () => {
    const pipe = new SlowPipe();
    const queue = new OutgoingQueue(pipe, () => undefined);
    const gate = { mayLeave: jest.fn(() => false), dropped: jest.fn() };
    queue.push(kilobytes(64));
    queue.push('guarded', gate);
    expect(gate.mayLeave).not.toHaveBeenCalled();
    await pipe.readOne();
    expect(gate.dropped).toHaveBeenCalledTimes(1);
    expect(pipe.taken).toHaveLength(1);
  });

  it('tells when it is over half of its bound and when it no longer is, and refuses beyond it', async () => {
    const told: boolean[] = [];
    const queue: OutgoingQueue = new OutgoingQueue(new SlowPipe(), () => told.push(queue.blocked));
    queue.push(kilobytes(64));
    await tick();
    const lines = Array.from({ length: 5 }, () => queue.push(kilobytes(1000)));
    expect(lines.map((line) => line !== undefined)).toEqual([true, true, true, true, false]);
    for (const line of lines) if (line) queue.withdraw(line);
    expect(told).toEqual([true, false]);
  });

  it('takes nothing after its pipe broke, and what waited stays unsent', () => {
    const queue = new OutgoingQueue(new SlowPipe(), () => undefined);
    queue.push(kilobytes(64));
    const waiting = queue.push('waiting');
    queue.close();
    expect(waiting?.handedOver).toBe(false);
    expect(queue.push('more')).toBeUndefined();
  });
});
