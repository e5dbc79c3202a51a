import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withinMs } from './within-ms.js';

const LONG_MS = 600_000;
const COMPILED = join(__dirname, '../../dist/home-assistant-server/within-ms.js');
/** Collects all the time, and says at the end whether the wait was over. */
const AMID_COLLECTIONS = `
  import { once } from 'node:events';
  import { withinMs } from ${JSON.stringify(COMPILED)};
  let word = 'still waits';
  withinMs(100, new AbortController().signal, (signal) => once(signal, 'abort')).then(() => (word = 'over'));
  const collecting = setInterval(gc, 5);
  setTimeout(() => { clearInterval(collecting); console.log(word); }, 400);`;

describe(withinMs.name, () => {
  const forever = (signal: AbortSignal) => once(signal, 'abort').then(() => 'over');

  it('is over in time', async () => expect(await withinMs(20, new AbortController().signal, forever)).toBe('over'));

  it('is over in time although nobody else holds its signals and all that nobody holds is collected', () => {
    const node = ['--expose-gc', '--input-type=module', '--eval', AMID_COLLECTIONS];
    expect(execFileSync(process.execPath, node).toString()).toBe('over\n');
  });

  it('is over when its caller leaves, at once when he has left before', async () => {
    const caller = new AbortController();
    const waiting = withinMs(LONG_MS, caller.signal, forever);
    caller.abort();
    expect(await waiting).toBe('over');
    expect(await withinMs(LONG_MS, caller.signal, (signal) => Promise.resolve(signal.aborted))).toBe(true);
  });

  it('leaves neither a timer nor a listener behind, whatever the answer', async () => {
    const caller = new AbortController();
    const remove = jest.spyOn(caller.signal, 'removeEventListener');
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    await expect(withinMs(LONG_MS, caller.signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect([remove.mock.calls.length, cleared.mock.calls.length]).toEqual([1, 1]);
    jest.restoreAllMocks();
  });
});
