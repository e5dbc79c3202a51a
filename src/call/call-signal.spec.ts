import { CallAbort } from './call-signal.js';

describe(CallAbort.name, () => {
  it('tells each listener once, with the reason of the first abort', () => {
    const signal = new CallAbort<string>();
    const heard: unknown[] = [];
    signal.addEventListener('abort', { handleEvent: () => heard.push(signal.reason) });
    signal.abort('deadline');
    signal.abort('cancelled');
    expect(heard).toEqual(['deadline']);
    expect(signal).toMatchObject({ aborted: true, reason: 'deadline' });
  });

  it('tells nobody who left, be it while the others are told', () => {
    const signal = new CallAbort();
    const heard: string[] = [];
    const second = { handleEvent: () => heard.push('second') };
    signal.addEventListener('abort', {
      handleEvent: () => {
        heard.push('first');
        signal.removeEventListener('abort', second);
      },
    });
    signal.addEventListener('abort', second);
    signal.abort();
    expect(heard).toEqual(['first']);
  });
});
