import { GateKeys, waitingKey } from './gate-keys.js';

describe(GateKeys.name, () => {
  const keys = new GateKeys('{house}');

  it('puts every key into the slot of the installation, and declares at least one to each script', () => {
    const lines = [{ line: 'house/light', mode: 'X' as const }];
    const declared = [keys.forAll(), keys.forReplica('one'), keys.forRequest('x'), keys.forAcceptance('x', 'house@one', 'house', lines)];
    for (const names of declared) {
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => !name.startsWith('{house}:g:'))).toEqual([]);
    }
    expect(declared[3]).toEqual(expect.arrayContaining(['{house}:g:j:x', '{house}:g:ln:house/light', '{house}:g:lx:house/light']));
  });

  it('names the set that autoscaling looks at as the scripts do', () => {
    expect(keys.forAll()).toContain(waitingKey('{house}'));
  });
});
