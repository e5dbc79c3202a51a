import { RecordSigner } from './record-signer.js';

describe(RecordSigner.name, () => {
  const fields = { id: 'id', lane: 'house', kind: 'write', share: 'me', locks: '[["house","X"]]' } as const;
  const envelope = { origin: 'replica', payload: { tool: 'light' }, holdMs: 100 };
  const signer = new RecordSigner('key');
  const signed = signer.sign(envelope, fields);

  it('verifies what was signed with the same key', () => {
    expect(signer.verify(signed, fields)).toEqual({ as: 'verified', envelope });
  });

  it.each(['id', 'lane', 'share', 'locks'] as const)('takes a record with another %s for forged', (field) => {
    expect(signer.verify(signed, { ...fields, [field]: 'other' })).toEqual({ as: 'forged' });
  });

  it('takes another kind, key or text for forged, and what is no envelope at all', () => {
    expect(signer.verify(signed, { ...fields, kind: 'read' })).toEqual({ as: 'forged' });
    expect(new RecordSigner('other').verify(signed, fields)).toEqual({ as: 'forged' });
    for (const text of [signed.replace('light', 'doors'), signed.slice(1), signed.slice(0, 20), '', '{}']) {
      expect(signer.verify(text, fields)).toEqual({ as: 'forged' });
    }
  });

  it('knows an envelope of another version without reading it', () => {
    expect(new RecordSigner('key', 2).verify(signed, fields)).toEqual({ as: 'foreign_version' });
  });
});
