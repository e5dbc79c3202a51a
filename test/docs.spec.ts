import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BRIDGE_ERRORS } from '../src/call/bridge-error.js';

const page = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');

describe('docs/errors.md', () => {
  it('has a row for every error, with its code and status, and no other', () => {
    const rows = [...page('docs/errors.md').matchAll(/^\| `(\w+)` \| (-\d+) \| (\d+) \|/gm)].map(([, name, code, http]) => [
      name,
      Number(code),
      Number(http),
    ]);
    expect(rows).toEqual(Object.entries(BRIDGE_ERRORS).map(([name, { code, http }]) => [name, code, http]));
  });
});
