import { shownEntry, shownServer } from './shown-entry.js';

describe(shownEntry.name, () => {
  it('leaves an honest entry as it came, key by key, its schema too', () => {
    const entry = {
      title: 'Écrire\u202fici',
      name: 'write',
      inputSchema: {
        properties: { title: { enum: ['a\u200db'], default: 'x\u202ey' }, 'x\u200b': { type: 'string' } },
        required: ['title'],
      },
      description: 'Writes.\n\n- one line\n- another',
    };
    expect(JSON.stringify(shownEntry('tools', entry))).toBe(JSON.stringify(entry));
  });

  it('writes out what hides in a title or a description, however deep it lies', () => {
    const entry = {
      name: 'a',
      description: 'x\u202ey',
      inputSchema: { properties: { b: { anyOf: [{ title: 'q\u200br', description: '\u{e0041}' }] } } },
    };
    expect(shownEntry('tools', entry)).toEqual({
      name: 'a',
      description: 'x[U+202E]y',
      inputSchema: { properties: { b: { anyOf: [{ title: 'q[U+200B]r', description: '[U+E0041]' }] } } },
    });
  });

  it('cuts a description that no model should have to read, and says so', () => {
    const { description } = shownEntry('tools', { name: 'a', description: 'x'.repeat(1_000_000) }) as { description: string };
    expect(description.length).toBeLessThan(16_500);
    expect(description).toContain('(983616 characters more)');
  });

  it.each([
    ['tools', { name: 'pay\u200b' }],
    ['tools', { name: 'x'.repeat(257) }],
    ['prompts', { name: 'a\u202eb' }],
    ['resources', { uri: 'file:///a\u0000b', name: 'a' }],
    ['resourceTemplates', { uriTemplate: `x:${'y'.repeat(8192)}`, name: 'a' }],
  ])('offers none of %s whose name cannot be said, %j', (list, entry) => expect(shownEntry(list, entry)).toBeUndefined());

  it('shows the name of what is named by its address', () => {
    expect(shownEntry('resources', { uri: 'a:b', name: 'x\u202ey' })).toEqual({ uri: 'a:b', name: 'x[U+202E]y' });
  });

  it('shows what a server calls itself', () => {
    expect(shownServer({ name: 'a\u202eb', version: '1\n2', websiteUrl: 'https://x' })).toEqual({
      name: 'a[U+202E]b',
      version: '1\n2',
      websiteUrl: 'https://x',
    });
  });
});
