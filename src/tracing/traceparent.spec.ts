import { spanContextOf } from './traceparent.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('spanContextOf', () => {
  it('reads who called and whether he keeps the trace', () => {
    expect(spanContextOf(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
    expect(spanContextOf(`00-${TRACE}-${SPAN}-00`)).toMatchObject({ traceFlags: 0 });
  });

  it('reads a later version as far as it is known', () => {
    expect(spanContextOf(`01-${TRACE}-${SPAN}-ff-what-comes-then`)).toMatchObject({ traceId: TRACE, traceFlags: 1 });
  });

  it.each([
    undefined,
    ['00'],
    '',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
    '-'.repeat(100_000),
  ])('takes what is none for none: %j', (header) => {
    expect(spanContextOf(header)).toBeUndefined();
  });
});
