import { StderrRing } from './stderr-ring.js';

function aRing(environment: Record<string, string> = {}) {
  const told: string[] = [];
  let now = 0;
  const clock = { now: () => now, after: () => () => undefined };
  const ring = new StderrRing(environment, clock, (line) => told.push(line));
  return { ring, told, pass: (ms: number) => (now += ms) };
}

describe(StderrRing.name, () => {
  it('keeps the last lines', () => {
    const { ring } = aRing();
    for (let i = 0; i < 50_000; i += 1) ring.push(Buffer.from(`line ${i}\n`));
    expect(ring.lastLines(2)).toEqual(['line 49998', 'line 49999']);
  });

  it('tells ten lines a second and no more', () => {
    const { ring, told, pass } = aRing();
    ring.push(Buffer.from('flood\n'.repeat(1000)));
    expect(told).toHaveLength(10);
    pass(1000);
    ring.push(Buffer.from('flood\n'.repeat(1000)));
    expect(told).toHaveLength(20);
  });

  it('stays small under a flood', () => {
    const { ring } = aRing();
    const chunk = Buffer.alloc(65_536, 'stderr line of a child\n');
    for (let i = 0; i < 1000; i += 1) ring.push(Buffer.from(chunk));
    expect(ring.lastLines(100_000).join('\n').length).toBeLessThanOrEqual(65_536);
  });

  it('blanks secrets of the environment by value, wherever they stand', () => {
    const { ring, told } = aRing({ HA_TOKEN: 'abc.def', HA_URL: 'http://ha:8123' });
    ring.push(Buffer.from('login at http://ha:8123 with abc.def failed: abc.def\n'));
    expect(ring.lastLines()).toEqual(['login at http://ha:8123 with *** failed: ***']);
    expect(told).toEqual(ring.lastLines());
  });
});
