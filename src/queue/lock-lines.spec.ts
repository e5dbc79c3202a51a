import type { Lock } from '../call/call-plan.js';
import { lockLines } from './lock-lines.js';

describe(lockLines.name, () => {
  it('takes a path in X and its ancestors in S', () => {
    expect(linesOf(x('house', 'lamps', 'salon'))).toEqual({ house: 'S', 'house/lamps': 'S', 'house/lamps/salon': 'X' });
  });

  it('takes nothing for a request without locks', () => {
    expect(lockLines([])).toEqual([]);
  });

  it('lets X win over S, and drops what lies under a held X', () => {
    const locks = [x('house', 'lamps', 'salon'), s('house', 'lamps'), x('house', 'doors'), x('house', 'doors', 'front', 'bolt')];
    expect(linesOf(...locks)).toEqual({ house: 'S', 'house/lamps': 'S', 'house/lamps/salon': 'X', 'house/doors': 'X' });
    expect(linesOf(...locks, x('house'))).toEqual({ house: 'X' });
  });

  it('takes one line for one path, however often it is named', () => {
    expect(lockLines([s('house', 'lamps'), x('house', 'lamps'), s('house', 'lamps')])).toEqual([
      { line: 'house', mode: 'S' },
      { line: 'house/lamps', mode: 'X' },
    ]);
  });

  it('rises to the parent when there are more than 32 lines', () => {
    const lamps = Array.from({ length: 40 }, (_, index) => x('house', 'lamps', `lamp ${index}`));
    expect(linesOf(...lamps, s('house', 'doors'))).toEqual({ house: 'S', 'house/lamps': 'X', 'house/doors': 'S' });
    const rooms = Array.from({ length: 40 }, (_, index) => x('house', `room ${index}`, 'lamp'));
    expect(linesOf(...rooms)).toEqual({ house: 'X' });
  });

  it('keeps segments apart that look like paths or digests', () => {
    const names = [x('a/b', 'c'), x('a', 'b/c'), x('a', 'b', 'c'), x('a%2Fb', 'c'), x('#a')].map((lock) => lockLines([lock]).at(-1)?.line);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name?.startsWith('#'))).toEqual([]);
  });

  it('gives a path over 200 bytes a short name of its own', () => {
    const long = 'ü'.repeat(150);
    const lines = lockLines([x('house', long), x('house', `${long}!`)]).map(({ line }) => line);
    expect(lines[0]).toBe('house');
    expect(new Set(lines).size).toBe(3);
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(200);
  });
});

function x(...path: string[]): Lock {
  return { path, mode: 'X' };
}

function s(...path: string[]): Lock {
  return { path, mode: 'S' };
}

function linesOf(...locks: Lock[]): Record<string, string> {
  return Object.fromEntries(lockLines(locks).map(({ line, mode }) => [line, mode]));
}
