import { settled } from '../../test/support/manual-clock.js';
import { StartGate } from './start-gate.js';

const nobody = () => new AbortController().signal;

class Starts {
  readonly order: string[] = [];
  readonly finish: (() => void)[] = [];

  begin = (name: string) => () => {
    this.order.push(name);
    return new Promise<void>((resolve) => this.finish.push(resolve));
  };

  async finishOne(): Promise<void> {
    this.finish.shift()?.();
    await settled();
  }
}

describe(StartGate.name, () => {
  it('runs ten starts, and never more than the bound at once', async () => {
    const gate = new StartGate(2);
    const starts = new Starts();
    const all = Array.from({ length: 10 }, (_, index) => gate.enter('one', starts.begin(`${index}`), nobody()));
    await settled();

    while (starts.finish.length > 0) {
      expect(starts.finish.length).toBeLessThanOrEqual(2);
      await starts.finishOne();
    }

    await Promise.all(all);
    expect(starts.order).toHaveLength(10);
  });

  it('serves upstreams in turn', async () => {
    const gate = new StartGate(1);
    const starts = new Starts();
    for (const name of ['a', 'a', 'a', 'b', 'c']) void gate.enter(name, starts.begin(name), nobody());

    for (let done = 0; done < 5; done += 1) {
      await settled();
      await starts.finishOne();
    }

    expect(starts.order).toEqual(['a', 'a', 'b', 'c', 'a']);
  });

  it('goes on after a start that failed', async () => {
    const gate = new StartGate(1);

    await expect(gate.enter('a', () => Promise.reject(new Error('no')), nobody())).rejects.toThrow('no');

    expect(await gate.enter('a', () => Promise.resolve('yes'), nobody())).toBe('yes');
  });

  it('starts nothing for who has left the line', async () => {
    const gate = new StartGate(1);
    const starts = new Starts();
    const leaver = new AbortController();
    void gate.enter('a', starts.begin('first'), nobody());
    const refused = expect(gate.enter('a', starts.begin('second'), leaver.signal)).rejects.toThrow('left');

    leaver.abort(new Error('left'));
    await settled();
    await starts.finishOne();

    await refused;
    expect(starts.order).toEqual(['first']);
  });
});
