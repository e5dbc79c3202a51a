import { parseArgs } from 'node:util';
import type { ConfigSources } from '../config/load-config.js';
import { nearest } from '../config/key-names.js';

/** What the words after `http-mcp-bridge` ask for. */
export type Command =
  | { readonly kind: 'serve' | 'config_check' | 'config_print'; readonly sources: ConfigSources }
  | { readonly kind: 'help' | 'version' | 'key_new' }
  | { readonly kind: 'misused'; readonly message: string };

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  host: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Reads a command line; never throws, a wrong one is a `misused` command. */
export function parseCommandLine(argv: readonly string[]): Command {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const upstream = end < 0 ? undefined : argv.slice(end + 1);
  if (upstream?.length === 0) return misused('a command is missing after --');

  // not strict: the parser's own words for a wrong flag advise how to smuggle it in
  const { tokens } = parseArgs({ args: [...own], options: OPTIONS, strict: false, tokens: true });
  const files: string[] = [];
  const overrides: Record<string, string> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (name === 'help' || name === 'version') return { kind: name };
    if (name !== 'config' && name !== 'host' && name !== 'port') return misused(unknownFlag(rawName));
    if (value === undefined || (value.startsWith('-') && !token.inlineValue)) return misused(`${rawName} needs a value`);
    if (name === 'config') files.push(value);
    else overrides[name] = value;
  }
  return commandOf(words.join(' '), { files, overrides, ...(upstream && { upstream }) });
}

function commandOf(words: string, sources: ConfigSources): Command {
  switch (words) {
    case '':
      return { kind: 'serve', sources };
    case 'key new':
      return { kind: 'key_new' };
    case 'config check':
      return { kind: 'config_check', sources };
    case 'config print':
      return { kind: 'config_print', sources };
    default:
      return misused(`unknown command: ${words} (a server's own command goes after --)`);
  }
}

function unknownFlag(flag: string): string {
  const meant = nearest(flag.replace(/^-+/, ''), Object.keys(OPTIONS));
  return `unknown flag: ${flag}${meant ? `, did you mean --${meant}?` : ''}`;
}

function misused(message: string): Command {
  return { kind: 'misused', message };
}
