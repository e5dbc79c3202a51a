import { ChildDeaths } from './child-deaths.js';

const DEATH = { as: 'failure', reason: 'exit', isDeath: true } as const;
const TIMEOUT = { as: 'failure', reason: 'timeout' } as const;

describe(ChildDeaths.name, () => {
  it('tells the death of a child once, however many calls it took along', () => {
    const deaths = new ChildDeaths();
    expect([deaths.news(DEATH, 1), deaths.news(DEATH, 1), deaths.news(DEATH, 1)]).toEqual([DEATH, undefined, undefined]);
  });

  it('tells the deaths of two children, in whatever order their calls are heard of', () => {
    const deaths = new ChildDeaths();
    expect([1, 2, 1, 2].map((child) => deaths.news(DEATH, child))).toEqual([DEATH, DEATH, undefined, undefined]);
  });

  it('leaves every other sign as it is', () => {
    const deaths = new ChildDeaths();
    deaths.news(DEATH, 1);
    expect([deaths.news(TIMEOUT, 1), deaths.news(TIMEOUT, 1), deaths.news({ as: 'ok' }, 1), deaths.news(undefined, 1)]).toEqual([
      TIMEOUT,
      TIMEOUT,
      { as: 'ok' },
      undefined,
    ]);
  });
});
