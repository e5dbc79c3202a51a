import { stringify } from 'yaml';
import { snakeOf } from './key-names.js';
import type { LoadedConfig } from './load-config.js';
import { isSecretName } from './secret-names.js';

const BLANK = '***';

/** The configuration as a file that says the same, without its secrets. */
export function printedConfig({ config, secrets }: LoadedConfig): string {
  const { upstreams, policy, ...sections } = config;
  const named = upstreams.map(({ name, policy: own, env, args, ...settings }): [string, object] => [
    name,
    { ...inFileSpelling(settings), args: withoutSecrets(args), env: blanked(env), ...(own !== undefined && { policy: own }) },
  ]);
  const text = stringify({ ...inFileSpelling(sections), upstreams: Object.fromEntries<object>(named), policy }, { lineWidth: 0 });
  // the longest first, so that a secret inside another does not leave its rest behind
  return [...secrets].sort((a, b) => b.length - a.length).reduce((shown, secret) => shown.replaceAll(secret, BLANK), text);
}

function inFileSpelling(section: object): Record<string, unknown> {
  const entries = Object.entries(section).map(([property, value]: [string, unknown]) => [snakeOf(property), spelled(value)]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function spelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelled);
  return typeof value === 'object' && value !== null ? inFileSpelling(value) : value;
}

/** What a child is given by name is its own affair, and most often a secret. */
function blanked(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(env).map((name) => [name, BLANK]));
}

/** `--token=x`, and `x` after `--token`. */
function withoutSecrets(args: readonly string[]): string[] {
  return args.map((argument, index) => {
    const [flag = '', ...value] = argument.split('=');
    if (value.length > 0 && isSecretName(flag)) return `${flag}=${BLANK}`;
    const before = args[index - 1] ?? '';
    return before.startsWith('-') && isSecretName(before) && !before.includes('=') ? BLANK : argument;
  });
}
