import { oversizeSubject } from './oversize-subject.js';

const filler = 'x'.repeat(2000);

function idOf(text: string): number | undefined {
  return oversizeSubject({ head: text.slice(0, 256), tail: text.slice(-256), bytes: text.length });
}

describe(oversizeSubject.name, () => {
  it.each([
    ['first', `{"jsonrpc":"2.0","id":7,"result":{"text":"${filler}"}}`],
    ['alone in front', `{"id":7,"result":{"text":"${filler}"},"jsonrpc":"2.0"}`],
    ['as text', `{ "jsonrpc" : "2.0", "id" : "7", "result":{"text":"${filler}"}}`],
    ['last', `{"jsonrpc":"2.0","result":{"text":"${filler}"},"id":7}`],
    ['before the version', `{"result":{"text":"${filler}"},"id":7,"jsonrpc":"2.0"}`],
  ])('finds an id that stands %s', (_where, text) => {
    expect(idOf(text)).toBe(7);
  });

  it.each([
    ['inside the result', `{"result":{"id":7,"text":"${filler}"}}`],
    ['at the end of the result', `{"result":{"text":"${filler}","id":7}}`],
    ['inside a string', `{"result":{"text":"\\"id\\":7,${filler},\\"id\\":7}"}}`],
    ['in no number', `{"jsonrpc":"2.0","id":"seven","result":{"text":"${filler}"}}`],
  ])('takes no id that stands %s', (_where, text) => {
    expect(idOf(text)).toBeUndefined();
  });

  it('leaves the calls alone when the child says something of its own', () => {
    expect(idOf(`{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{"text":"${filler}"}}`)).toBe(0);
    expect(idOf(`{"method":"notifications/message","params":{"text":"${filler}"},"jsonrpc":"2.0"}`)).toBe(0);
  });
});
