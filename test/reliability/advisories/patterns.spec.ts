import ts from 'typescript';
import { sourceFiles } from '../../support/source-tree.js';

const LENGTH = 50_000;
const LIMIT_MS = 50;

/** What makes a pattern with two ways to read the same text try them all. */
const HOSTILE = [
  ...['a', '0', ' ', '\t', '.', '-', '_', '/', ':', ',', '{', '}', '(', '=', '*', '|', '\\', '\n', '%', '[', '"', 'é'].map((character) =>
    character.repeat(LENGTH),
  ),
  ...['a.', 'a-', '1:', ' a', 'a ', '{}', '{a', '/a', '/a | ', 'a=', '::', '--', '__', '0.', 'ab/', '\r\n', '${', 'a*'].map((pair) =>
    pair.repeat(LENGTH / pair.length),
  ),
  `Bearer ${' '.repeat(LENGTH)}`,
  `keys(${'/a'.repeat(LENGTH / 2)}`,
  `[${'1:'.repeat(LENGTH / 2)}`,
  `http://${'127.0.0.1'.repeat(LENGTH / 9)}`,
].flatMap((text) => [text, `${text}!`, `!${text}`, `${text}\0`]);

/** Every pattern that is written anywhere in the product. */
function patterns(): { readonly where: string; readonly pattern: RegExp }[] {
  return sourceFiles('src')
    .filter(({ path }) => !path.endsWith('.spec.ts'))
    .flatMap(({ path, text }) => {
      const found: { where: string; pattern: RegExp }[] = [];
      const look = (node: ts.Node): void => {
        if (ts.isRegularExpressionLiteral(node)) {
          const end = node.text.lastIndexOf('/');
          found.push({ where: `${path} ${node.text}`, pattern: new RegExp(node.text.slice(1, end), node.text.slice(end + 1)) });
        }
        ts.forEachChild(node, look);
      };
      look(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
      return found;
    });
}

/** The first text that takes too long; the best of two looks, since the machine may have had something else to do. */
function tooSlowOn(pattern: RegExp): string | undefined {
  const ms = (text: string) => {
    pattern.lastIndex = 0;
    const from = performance.now();
    pattern.test(text);
    return performance.now() - from;
  };
  return HOSTILE.find((text) => ms(text) > LIMIT_MS && ms(text) > LIMIT_MS)?.slice(0, 20);
}

describe('CVE-2026-0621: patterns', () => {
  const all = patterns();

  it('are found where they are written', () => expect(all.length).toBeGreaterThan(50));

  it.each(all)(`$where decides about ${LENGTH} hostile characters in under ${LIMIT_MS} ms`, ({ pattern }) => {
    expect(tooSlowOn(pattern)).toBeUndefined();
  });

  it('that try every beginning of a run again are told', () => expect(tooSlowOn(/a*b/)).toBe('a'.repeat(20)));
});
