import { EntityMirror, type MirrorChange } from './entity-mirror.js';

const CONTEXT = { id: 'c1', parent_id: null, user_id: 'u' };

function aMirror(): { mirror: EntityMirror; heard: MirrorChange[] } {
  const mirror = new EntityMirror();
  mirror.take({
    a: {
      'light.a': { s: 'off', a: { brightness: null, old: 1 }, c: CONTEXT, lc: 10 },
      'switch.b': { s: 'on', a: {}, c: 'c0', lc: 5, lu: 6 },
    },
  });
  const heard: MirrorChange[] = [];
  mirror.onChange((change) => heard.push(change));
  return { mirror, heard };
}

describe(EntityMirror.name, () => {
  it('merges a diff: new values, attributes gone, only the keys of the context that changed', () => {
    const { mirror, heard } = aMirror();

    mirror.take({ c: { 'light.a': { '+': { s: 'on', a: { brightness: 80 }, c: { id: 'c2' }, lc: 20 }, '-': { a: ['old'] } } } });

    expect(mirror.get('light.a')).toEqual({
      id: 'light.a',
      state: 'on',
      attributes: { brightness: 80 },
      lastChanged: 20,
      lastUpdated: 20,
      context: { ...CONTEXT, id: 'c2' },
    });
    expect(heard).toEqual([{ ids: ['light.a'] }]);
  });

  it('takes a context that is an id alone, and a later update without a change of state', () => {
    const { mirror } = aMirror();

    mirror.take({ c: { 'light.a': { '+': { a: { brightness: 1 }, c: 'c3', lu: 30 } } } });

    expect(mirror.get('light.a')).toMatchObject({ lastChanged: 10, lastUpdated: 30, context: { id: 'c3', user_id: 'u' } });
  });

  it('hears of nothing when nothing changed, and passes over what it does not know', () => {
    const { mirror, heard } = aMirror();

    mirror.take({ c: { 'light.a': { '+': { s: 'off' } }, 'light.unknown': { '+': { s: 'on' } } }, x: 1 });
    mirror.take({});

    expect(heard).toEqual([]);
    expect(mirror.size).toBe(2);
  });

  it('forgets what was removed, and after a new first dump everything that is not in it', () => {
    const { mirror, heard } = aMirror();

    mirror.take({ r: ['switch.b'] });
    mirror.expectDump();
    mirror.take({ a: { 'sensor.c': { s: '1', a: {}, c: 'c', lc: 1 } } });

    expect(mirror.list().map(({ id }) => id)).toEqual(['sensor.c']);
    expect(heard).toEqual([{ ids: ['switch.b'] }, 'everything']);
  });
});
