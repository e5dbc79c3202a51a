import { Untold } from './untold.js';

describe(Untold.name, () => {
  it('gives back what it kept, each once', () => {
    const untold = new Untold();
    untold.keep({ as: 'tags', server: 'house', tags: ['lamp', 'door'] });
    untold.keep({ as: 'tags', server: 'house', tags: ['lamp'] });
    untold.keep({ as: 'server', server: 'ledger' });
    expect(untold.take()).toEqual([
      { as: 'server', server: 'ledger' },
      { as: 'tags', server: 'house', tags: ['lamp'] },
      { as: 'tags', server: 'house', tags: ['door'] },
    ]);
    expect(untold.take()).toEqual([]);
  });

  it('remembers only the server of too many tags', () => {
    const untold = new Untold();
    for (let tag = 0; tag <= 1000; tag += 1) untold.keep({ as: 'tags', server: 'house', tags: [`lamp ${tag}`] });
    expect(untold.take()).toEqual([{ as: 'server', server: 'house' }]);
  });
});
