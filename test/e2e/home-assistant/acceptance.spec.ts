import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Proof, PROMISES } from './acceptance.js';

const ROOT = join(import.meta.dirname, '../../..');

describe('What a household may rely on', () => {
  it.each(PROMISES.map(({ promise, fake, real }) => [promise, [...fake, ...real]] as const))('%s', (_promise, proofs) => {
    expect(proofs.filter((proof) => !isThere(proof))).toEqual([]);
    expect(proofs.length).toBeGreaterThan(0);
  });
});

function isThere({ file, title }: Proof): boolean {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [`'${title}`, `"${title}`].some((quoted) => text.includes(quoted));
}
