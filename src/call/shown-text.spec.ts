import { cut, isPlain, shownText } from './shown-text.js';

describe(shownText.name, () => {
  it.each([
    ['turned around', 'read \u202eetirw\u202c only', 'read [U+202E]etirw[U+202C] only'],
    ['isolated', 'a\u2066b\u2069', 'a[U+2066]b[U+2069]'],
    ['of no width', 'pay\u200bload\ufeff', 'pay[U+200B]load[U+FEFF]'],
    ['joined where nothing joins', 'ad\u200dmin', 'ad[U+200D]min'],
    ['written in tags', 'ok\u{e0041}\u{e007f}', 'ok[U+E0041][U+E007F]'],
    ['of a terminal', '\u001b[2Jgone\u0085', '[U+001B][2Jgone[U+0085]'],
    ['a line that is none', 'a\u2028b', 'a[U+2028]b'],
  ])('writes out what is %s', (_what, text, shown) => expect(shownText(text, 100)).toBe(shown));

  it.each(['Récupère la liste\n\tdes entités', 'می\u200cخواهم', 'क्\u200dष', '👩\u200d👩\u200d👧 🏳️\u200d🌈 👍🏽\u200d🔥', '日本語'])(
    'leaves %j as it is',
    (text) => expect(shownText(text, 100)).toBe(text),
  );

  it('cuts what is too long, and says how much is missing', () => {
    expect(cut('x'.repeat(12), 10)).toBe('xxxxxxxxxx… (2 characters more)');
    expect(shownText('x'.repeat(10), 10)).toBe('x'.repeat(10));
  });

  it('knows a name in which something hides', () => {
    expect(['get_état', 'a b', 'get\u200b_state', 'a\nb', 'a\u202eb'].map(isPlain)).toEqual([true, true, false, false, false]);
  });
});
