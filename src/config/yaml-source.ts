import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Node, type ParsedNode } from 'yaml';
import type { ProblemList } from './problem-list.js';
import { isMapping, keyIn, type Place, type Setting, Settings } from './settings.js';

/** One unclosed bracket can make thousands; the first few tell. */
const MAX_FAULTS = 10;

/** A YAML or JSON text and where it came from. */
export interface YamlSource {
  readonly text: string;
  readonly file: string;
  readonly directory: string;
}

/** Reads a text into settings that know their lines; what cannot be read is told and left out. */
export function readYaml(source: YamlSource, problems: ProblemList): Settings {
  try {
    return readDocument(source, problems);
  } catch {
    problems.add({
      key: 'syntax',
      message: 'an alias names no anchor or itself, or there are too many levels',
      file: source.file,
      line: 1,
    });
    return new Settings({});
  }
}

function readDocument({ text, file, directory }: YamlSource, problems: ProblemList): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const faults = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS);
  for (const { code, message, pos } of faults) {
    const said = code === 'MULTIPLE_DOCS' ? 'what follows --- would go unread: expected one document' : withoutQuotes(message);
    problems.add({ key: 'syntax', message: said, file, line: lines.linePos(pos[0]).line });
  }
  const root: unknown = faults.length > 0 ? null : document.toJS({ maxAliasCount: 100 });
  if (root !== null && !isMapping(root)) problems.add({ key: 'syntax', message: 'expected a mapping of keys', file, line: 1 });
  if (!isMapping(root)) return new Settings({});

  measure(root);
  const places = new Map<string, Place>();
  collectPlaces(document.contents, '', places, ({ range }) => ({ file, directory, ...(range && { line: lines.linePos(range[0]).line }) }));
  return new Settings(root, places);
}

/** An alias may stand inside its own anchor: such a tree has no end. */
function measure(value: Setting, levels = 0): void {
  if (levels > 50) throw new RangeError('too many levels');
  if (typeof value === 'object' && value !== null) Object.values(value).forEach((inner: Setting) => measure(inner, levels + 1));
}

/** The line of an entry is that of its key. What an alias stands for keeps the alias's own line. */
function collectPlaces(node: ParsedNode | null, key: string, places: Map<string, Place>, placeOf: (node: Node) => Place): void {
  if (isMap(node)) {
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const entry = keyIn(key, String(pair.key.value));
      places.set(entry, placeOf(pair.key));
      collectPlaces(pair.value, entry, places, placeOf);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const entry = `${key}[${index}]`;
      places.set(entry, placeOf(item));
      collectPlaces(item, entry, places, placeOf);
    }
  }
}

/** The parser quotes what it stumbled over, and that may be a secret. */
function withoutQuotes(message: string): string {
  const [said = ''] = message.split(/[:"']/, 1);
  return `not valid YAML: ${said.trimEnd()}`;
}
