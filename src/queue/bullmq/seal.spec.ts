import { Seal } from './seal.js';

describe(Seal.name, () => {
  const bound = { id: 'id', lane: 'house', kind: 'write', share: 'me', locks: '[["house","X"]]' } as const;
  const envelope = { origin: 'replica', payload: { tool: 'light' }, holdMs: 100 };
  const seal = new Seal('key');
  const sealed = seal.close(envelope, bound);

  it('opens what was closed with the same key', () => {
    expect(seal.open(sealed, bound)).toEqual({ as: 'envelope', envelope });
  });

  it.each(['id', 'lane', 'share', 'locks'] as const)('is broken by another %s', (field) => {
    expect(seal.open(sealed, { ...bound, [field]: 'other' })).toEqual({ as: 'forged' });
  });

  it('is broken by another kind, key or text, and by what is no envelope at all', () => {
    expect(seal.open(sealed, { ...bound, kind: 'read' })).toEqual({ as: 'forged' });
    expect(new Seal('other').open(sealed, bound)).toEqual({ as: 'forged' });
    for (const text of [sealed.replace('light', 'doors'), sealed.slice(1), sealed.slice(0, 20), '', '{}']) {
      expect(seal.open(text, bound)).toEqual({ as: 'forged' });
    }
  });

  it('knows an envelope of another version without reading it', () => {
    expect(new Seal('key', 2).open(sealed, bound)).toEqual({ as: 'foreign_version' });
  });
});
