import fc from 'fast-check';
import { LineFramer, type OversizeLine } from './line-framer.js';

type Event = string | OversizeLine;

function frame(chunks: readonly Buffer[], maxBytes = 300): Event[] {
  const events: Event[] = [];
  const framer = new LineFramer(maxBytes, { line: (text) => events.push(text), oversize: (line) => events.push(line) });
  for (const chunk of chunks) framer.push(chunk);
  framer.end();
  return events;
}

/** The same bytes in pieces of these sizes, over and over. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const lines = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string({ minLength: 290, maxLength: 900 })), {
  maxLength: 12,
});
const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });

describe(LineFramer.name, () => {
  it('gives the same lines however the stream is cut', () => {
    fc.assert(
      fc.property(lines, sizes, fc.boolean(), (texts, pieces, ended) => {
        const bytes = Buffer.from(texts.join('\n') + (ended ? '\n' : ''));
        expect(frame(cut(bytes, pieces))).toEqual(frame([bytes]));
      }),
    );
  });

  it('loses and invents no line', () => {
    const words = fc.array(fc.stringMatching(/^[a-zž🐎]{1,12}$/u), { maxLength: 20 });
    fc.assert(
      fc.property(words, sizes, (texts, pieces) => {
        expect(frame(cut(Buffer.from(texts.map((text) => text + '\n').join('')), pieces))).toEqual(texts);
      }),
    );
  });

  it('keeps a character whole that a chunk cuts', () => {
    expect(frame(cut(Buffer.from('"žluť 🐎"\n'), [1]))).toEqual(['"žluť 🐎"']);
  });

  it('keeps both ends of a line over the cap, and its neighbours', () => {
    const long = `head${'x'.repeat(5000)}tail`;
    const [before, oversize, after] = frame(cut(Buffer.from(`before\n${long}\nafter\n`), [7]));

    expect([before, after]).toEqual(['before', 'after']);
    expect(oversize).toEqual({ head: long.slice(0, 256), tail: long.slice(-256), bytes: 5008 });
  });

  it('takes a line of exactly the cap', () => {
    expect(frame([Buffer.from('x'.repeat(300) + '\n')])).toEqual(['x'.repeat(300)]);
  });

  it('passes over empty lines, carriage returns and a byte order mark', () => {
    expect(frame([Buffer.from('\uFEFF{}\r\n\r\n   \n[]\n')]).map((line) => JSON.parse(line as string) as unknown)).toEqual([{}, []]);
  });

  it('holds two ends of a dropped line and not the line', () => {
    const framer = new LineFramer(1024, { line: () => undefined, oversize: () => undefined });
    const chunk = Buffer.alloc(65_536, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1024; i += 1) framer.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000);
  });
});
