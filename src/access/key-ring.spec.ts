import { hash } from 'node:crypto';
import { KeyRing } from './key-ring.js';
import { matchesGlob } from '../call/name-glob.js';

describe(KeyRing.name, () => {
  const ring = new KeyRing([
    { name: 'all', sha256: hash('sha256', 'one'), maxPriority: 'HIGH' },
    { name: 'reader', sha256: hash('sha256', 'two'), servers: ['house'], tools: ['get_*', 'list_automations'], maxPriority: 'LOW' },
  ]);

  it('lets a key without lists use everything', () => {
    expect(ring.holderOf('one')?.mayUse('any', 'tool')).toBe(true);
  });

  it.each([
    [true, 'house', undefined],
    [true, 'house', 'get_history'],
    [true, 'house', 'list_automations'],
    [false, 'house', 'call_service'],
    [false, 'ledger', 'get_history'],
    [false, 'ledger', undefined],
  ])('answers %s for server %s and tool %s to a key with lists', (expected, server, tool) => {
    expect(ring.holderOf('two')?.mayUse(server, tool)).toBe(expected);
  });

  it('knows nobody by another key', () => {
    expect(ring.holderOf('three')).toBeUndefined();
  });
});

describe(matchesGlob.name, () => {
  it.each([
    ['get', 'get', true],
    ['get', 'gets', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*_state*', 'get_state_now', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a.c', 'abc', false],
  ])('matches %s with %s: %s', (glob, name, expected) => {
    expect(matchesGlob(glob, name)).toBe(expected);
  });

  it('stays quick on hostile names', () => {
    const startedAt = performance.now();
    matchesGlob('*a*a*a*a*a*a*b', 'a'.repeat(1_000_000));
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
