import { Arguments } from './arguments.js';
import { InvalidArguments } from './failures.js';

const LIMIT = { min: 1, max: 500, otherwise: 100 };

describe(Arguments.name, () => {
  it.each([' Light.Salon_Lamp ', 'light.salon_lamp,', ['LIGHT.SALON_LAMP', 'light.salon_lamp']])('reads %j as one id', (given) => {
    expect(new Arguments({ entity_id: given }).ids('entity_id')).toEqual(['light.salon_lamp']);
  });

  it('reads CSV and lists of ids alike, in the order given', () => {
    const csv = new Arguments({ entity_id: 'b.b, a.a' }).ids('entity_id');

    expect(csv).toEqual(['b.b', 'a.a']);
    expect(new Arguments({ entity_id: ['b.b', 'a.a'] }).ids('entity_id')).toEqual(csv);
  });

  it.each([
    ['oui', true],
    ['Non', false],
    ['true', true],
    [false, false],
    [null, true],
  ])('reads %j as a yes or no', (given, expected) => {
    expect(new Arguments({ enable: given }).boolean('enable', true)).toBe(expected);
  });

  it('reads a number from text, takes the maximum for what is above it, and says so', () => {
    const given = new Arguments({ limit: '900' });

    expect(given.integer('limit', LIMIT)).toBe(500);
    expect(given.warnings).toEqual([expect.stringContaining('500')]);
  });

  it('reads data from JSON text, and null as absent', () => {
    expect(new Arguments({ data: '{"brightness":"180"}' }).object('data')).toEqual({ brightness: '180' });
    expect(new Arguments({ data: null }).object('data')).toEqual({});
  });

  it.each([
    ['a missing text', (given: Arguments) => given.requiredText('absent')],
    ['a limit of nought', (given: Arguments) => given.integer('zero', LIMIT)],
    ['a number in words', (given: Arguments) => given.number('words', LIMIT)],
    ['neither yes nor no', (given: Arguments) => given.boolean('words', true)],
    ['a text for an object', (given: Arguments) => given.object('words')],
  ])('refuses %s with the path of the argument', (_, read) => {
    const act = () => read(new Arguments({ zero: 0, words: 'beaucoup' }));

    expect(act).toThrow(InvalidArguments);
    expect(act).toThrow(/^(absent|zero|words): /);
  });
});
