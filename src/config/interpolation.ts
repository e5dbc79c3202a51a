import type { Environment } from './environment.js';
import type { ProblemList } from './problem-list.js';
import { isMapping, keyIn, type Mapping, type Setting, type Settings } from './settings.js';

/** To its end, or to that of the text: looking for one that is not there again and again would take for ever. */
const REFERENCE = /\$\$\{|\$\{([^}]*)(\}|$)/g;
const NAME_AND_DEFAULT = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Replaces `${NAME}` and `${NAME:-default}` in every string; `$${` stands for `${` itself. */
export function interpolate(settings: Settings, environment: Environment, problems: ProblemList): Settings {
  const fill = (text: string, key: string): string =>
    text.replace(REFERENCE, (whole, reference: string | undefined, end: string | undefined) => {
      if (reference === undefined) return '${';
      if (end === '') return whole;
      const [, name, fallback] = NAME_AND_DEFAULT.exec(reference) ?? [];
      if (name === undefined) {
        problems.at(settings, key, 'expected ${NAME} or ${NAME:-default}; a literal ${ is written $${');
        return whole;
      }
      // as in a shell, `:-` also stands in for an empty value
      const found = environment.read(name, problems);
      const value = fallback === undefined ? found : found || fallback;
      if (value === undefined) problems.at(settings, key, `the variable ${name} is not set and has no default (\${${name}:-…})`);
      return value ?? '';
    });

  const walk = (value: Setting, key: string): Setting => {
    if (typeof value === 'string') return fill(value, key);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, `${key}[${index}]`));
    return isMapping(value) ? walkMapping(value, key) : value;
  };
  const walkMapping = (mapping: Mapping, key: string): Mapping =>
    Object.fromEntries(Object.entries(mapping).map(([name, value]) => [name, walk(value, keyIn(key, name))]));

  return settings.with(walkMapping(settings.root, ''));
}
