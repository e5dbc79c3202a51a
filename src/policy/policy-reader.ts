import { nearest } from '../config/key-names.js';
import type { ProblemList } from '../config/problem-list.js';
import { entryOf, isMapping, keyIn, type Mapping, type Setting, type Settings } from '../config/settings.js';

/** Reads one mapping of a policy, and tells every key in it that is unknown or holds the wrong thing. */
export class PolicyReader {
  constructor(
    private readonly settings: Settings,
    private readonly problems: ProblemList,
    private readonly mapping: Mapping,
    private readonly key: string,
  ) {}

  /** Tells every key that is not one of `known`. */
  only(...known: string[]): this {
    for (const word of Object.keys(this.mapping).filter((name) => !known.includes(name))) {
      const meant = nearest(word, known);
      this.wrong(word, `unknown key${meant ? `, did you mean ${meant}?` : ''}`);
    }
    return this;
  }

  names(): string[] {
    return Object.keys(this.mapping);
  }

  wrong(name: string, message: string): void {
    this.problems.at(this.settings, keyIn(this.key, name), message);
  }

  text(name: string): string | undefined {
    return this.read(name, 'expected text', (value) => (typeof value === 'string' ? value : undefined));
  }

  flag(name: string): boolean | undefined {
    return this.read(name, 'expected true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  number(name: string, least: number, most: number): number | undefined {
    return this.read(name, `expected a number from ${least} to ${most}`, (value) =>
      typeof value === 'number' && value >= least && value <= most ? value : undefined,
    );
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    return this.read(name, `expected one of ${words.join(', ')}`, (value) => words.find((word) => word === value));
  }

  texts(name: string, isRight: (text: string) => boolean = () => true, expected = 'text'): readonly string[] | undefined {
    return this.read(name, `expected a list of ${expected}`, (value) =>
      Array.isArray(value) && value.every((item): item is string => typeof item === 'string' && isRight(item)) ? value : undefined,
    );
  }

  textsByName(name: string): Readonly<Record<string, string>> | undefined {
    return this.read(name, 'expected a mapping of text', (value) => (isMapping(value) && isTextByName(value) ? value : undefined));
  }

  object(name: string): Mapping | undefined {
    return this.read(name, 'expected a mapping', (value) => (isMapping(value) ? value : undefined));
  }

  /** An absent one is empty. */
  inside(name: string): PolicyReader {
    return new PolicyReader(this.settings, this.problems, this.object(name) ?? {}, keyIn(this.key, name));
  }

  list(name: string): PolicyReader[] {
    const items = this.read(name, 'expected a list of mappings', (value) =>
      Array.isArray(value) && value.every(isMapping) ? value : undefined,
    );
    return (items ?? []).map((item, index) => new PolicyReader(this.settings, this.problems, item, `${keyIn(this.key, name)}[${index}]`));
  }

  private read<T>(name: string, expected: string, accept: (value: Setting) => T | undefined): T | undefined {
    const value = entryOf(this.mapping, name);
    if (value === undefined || value === null) return undefined;
    const accepted = accept(value);
    if (accepted === undefined) this.wrong(name, expected);
    return accepted;
  }
}

function isTextByName(value: Mapping): value is Record<string, string> {
  return Object.values(value).every((item) => typeof item === 'string');
}
