import type { JsonObject } from '../call/json.js';
import { walkList } from './list-walk.js';
import type { Reply } from './reply.js';

const result = (body: JsonObject): Reply => ({ kind: 'result', result: body });

describe(walkList.name, () => {
  it('follows pages to the end and keeps their order', async () => {
    const pages: Record<string, JsonObject> = {
      start: { tools: [{ name: 'a' }, { name: 'b' }], nextCursor: 'next' },
      next: { tools: [{ name: 'c' }], _meta: { last: true } },
    };

    const walk = await walkList('tools/list', ({ cursor = 'start' }) => Promise.resolve(result(pages[cursor as string]!)));

    expect(walk).toEqual({ reply: result({ tools: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], _meta: { last: true } }) });
  });

  it('ends at a repeated cursor, with what it has', async () => {
    const asked: JsonObject[] = [];

    const walk = await walkList('prompts/list', (params) => {
      asked.push(params);
      return Promise.resolve(result({ prompts: [{ name: 'p' }], nextCursor: 'again' }));
    });

    expect(asked).toEqual([{}, { cursor: 'again' }]);
    expect(walk).toEqual({ reply: result({ prompts: [{ name: 'p' }, { name: 'p' }] }), cutShort: 'repeated_cursor' });
  });

  it('ends after a hundred pages', async () => {
    let pages = 0;

    const walk = await walkList('resources/list', () => Promise.resolve(result({ resources: [], nextCursor: String(++pages) })));

    expect(pages).toBe(100);
    expect(walk.cutShort).toBe('too_many_pages');
  });

  it('ends after ten thousand entries', async () => {
    const page = result({ resourceTemplates: Array(10_001).fill({}) });

    const { reply, cutShort } = await walkList('resources/templates/list', () => Promise.resolve(page));

    expect(cutShort).toBe('too_many_entries');
    expect(reply.kind === 'result' && reply.result.resourceTemplates).toHaveLength(10_000);
  });

  it('gives the first page that is not a result', async () => {
    const lost: Reply = { kind: 'lost', reason: 'exit', sent: true };
    let pages = 0;

    const walk = await walkList('tools/list', () => Promise.resolve(++pages < 3 ? result({ tools: [], nextCursor: String(pages) }) : lost));

    expect(walk).toEqual({ reply: lost });
  });
});
