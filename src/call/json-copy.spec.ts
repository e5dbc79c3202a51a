import fc from 'fast-check';
import type { Json } from './json.js';
import { jsonCopy } from './json-copy.js';

describe(jsonCopy.name, () => {
  it('gives what writing and reading the value as JSON gives', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonCopy(value as Json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1000 },
    );
  });

  it('knows no negative zero, as JSON does not', () => {
    expect(jsonCopy([-0, { zero: -0 }])).toEqual([0, { zero: 0 }]);
  });

  it('shares nothing that could be changed', () => {
    const value = { list: [{ lit: true }] };
    const copy = jsonCopy(value) as typeof value;
    value.list[0] = { lit: false };
    expect(copy).toEqual({ list: [{ lit: true }] });
  });

  it('leaves out members that are undefined', () => {
    const value = { given: 1, missing: undefined } as unknown as Json;
    expect(Object.keys(jsonCopy(value) as object)).toEqual(['given']);
  });

  it('keeps a member called __proto__ a member', () => {
    const value = JSON.parse('{"__proto__":{"lit":[true]}}') as Json;
    const copy = jsonCopy(value);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"lit":[true]}}');
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});
