import { ManualClock } from '../../../test/support/manual-clock.js';
import type { Ending } from '../ending.js';
import { QUEUE_TIMES } from '../queue-times.js';
import { ReplayStore, type Settled } from './replay-store.js';

const MB = 1_048_576;

describe(ReplayStore.name, () => {
  const clock = new ManualClock();
  let omitted: number;
  let store: ReplayStore;

  beforeEach(() => {
    omitted = 0;
    store = new ReplayStore(clock, QUEUE_TIMES, () => (omitted += 1));
  });

  it('keeps a done call for 300 s, an unknown one for an hour, and the hash of a repeatable one for a minute', async () => {
    store.put('done', 'write', settled({ state: 'done', text: '1' }));
    store.put('unknown', 'write', settled({ state: 'unknown', reason: 'lost' }));
    store.put('again', 'write', settled());
    await clock.advance(59_999);
    expect(known()).toEqual(['done', 'unknown', 'again']);
    await clock.advance(1);
    expect(known()).toEqual(['done', 'unknown']);
    await clock.advance(240_000);
    expect(known()).toEqual(['unknown']);
    await clock.advance(3_300_000);
    expect(known()).toEqual([]);
  });

  it('lets the truth replace an unknown ending', () => {
    store.put('write', 'write', settled({ state: 'unknown', reason: 'lost' }));
    store.put('write', 'write', settled({ state: 'done', text: '"late"' }));
    expect(store.find('write')?.ending).toEqual({ state: 'done', text: '"late"' });
  });

  it('keeps the size of a large write in place of its body, and of a large read nothing to replay', () => {
    const text = 'x'.repeat(MB);
    store.put('write', 'write', settled({ state: 'done', text }));
    store.put('read', 'read', settled({ state: 'done', text }));
    expect(store.find('write')?.ending).toEqual({ state: 'done', omittedBytes: MB });
    expect(store.find('read')).toMatchObject({ hash: 'hash', ending: undefined });
    expect(omitted).toBe(2);
  });

  it('keeps 64 MB of bodies in all, and takes new ones when old ones have ended', async () => {
    const text = 'x'.repeat(MB / 4);
    for (let index = 0; index < 257; index += 1) store.put(`write ${index}`, 'write', settled({ state: 'done', text }));
    expect(omitted).toBe(1);
    expect(store.find('write 256')?.ending).toEqual({ state: 'done', omittedBytes: MB / 4 });
    store.delete('write 0');
    store.put('fits', 'write', settled({ state: 'done', text }));
    expect(omitted).toBe(1);
    await clock.advance(QUEUE_TIMES.replayMs);
    store.put('sweeps', 'write', settled({ state: 'done', text: '1' }));
    store.put('fits too', 'write', settled({ state: 'done', text }));
    expect(omitted).toBe(1);
  });

  it('forgets the oldest beyond 100,000', () => {
    for (let index = 0; index <= 100_000; index += 1) store.put(`${index}`, 'write', settled({ state: 'done', text: '1' }));
    expect([store.find('0'), store.find('1')?.hash]).toEqual([undefined, 'hash']);
  });

  function known(): string[] {
    return ['done', 'unknown', 'again'].filter((id) => store.find(id));
  }
});

function settled(ending?: Ending): Settled {
  return { hash: 'hash', seq: 1, ending, timing: { attempts: 1, queuedMs: 0, ranMs: 0 } };
}
