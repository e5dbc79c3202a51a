import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIREMENTS } from './requirements.js';

const ROOT = join(import.meta.dirname, '..');
const TESTS = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.spec.ts') && !file.endsWith('requirements.spec.ts'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

const isCited = (id: string) => new RegExp(`(?<![\\w-])${id}(?![\\w-])`).test(TESTS);

describe('requirements', () => {
  it('are each listed once', () => {
    const ids = REQUIREMENTS.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('are each cited by a test, or say why not yet', () => {
    expect(REQUIREMENTS.filter(({ id, notYet }) => notYet === undefined && !isCited(id))).toEqual([]);
  });
});
