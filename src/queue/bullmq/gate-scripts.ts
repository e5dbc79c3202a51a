import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from '../../redis/script.js';
import { QUEUE_RULES } from '../queue-rules.js';
import type { GateTimes } from './gate-times.js';

/** `accept` alone may be refused for want of memory: a full queue must be able to empty itself. */
const FLAGS = {
  accept: '',
  claim: 'allow-oom',
  begin: 'allow-oom',
  finish: 'allow-oom',
  'give-back': 'allow-oom',
  renew: 'allow-oom',
  leave: 'allow-oom',
  sweep: 'allow-oom',
  retire: 'allow-oom',
  peek: 'no-writes,allow-oom',
  stats: 'no-writes,allow-oom',
} as const;

export type ScriptName = keyof typeof FLAGS;

/**
 * A script names the parts that it is made of where it needs them, in the order in which one builds on another. Each run
 * makes anew the functions that it comes by, at the price of a command: what is rare is included where it is rare.
 */
const INCLUDE = /^ *-- @include (.+)$/gm;

/** The Lua of the gate for one prefix and one set of times, which the scripts know as `P` and `T`; `R` are the `QUEUE_RULES`. */
export function gateScripts(prefix: string, times: GateTimes): Readonly<Record<ScriptName, Script>> {
  const script = (name: ScriptName) => {
    const flags = FLAGS[name] === '' ? '' : ` flags=${FLAGS[name]}`;
    return new Script([`#!lua${flags}`, constants(prefix, times), withParts(luaFile(name))].join('\n'));
  };
  return {
    accept: script('accept'),
    claim: script('claim'),
    begin: script('begin'),
    finish: script('finish'),
    'give-back': script('give-back'),
    renew: script('renew'),
    leave: script('leave'),
    sweep: script('sweep'),
    retire: script('retire'),
    peek: script('peek'),
    stats: script('stats'),
  };
}

function constants(prefix: string, times: GateTimes): string {
  return `local P = ${JSON.stringify(prefix)}\nlocal T = ${tableOf({ ...times })}\nlocal R = ${tableOf(QUEUE_RULES)}`;
}

function tableOf(numbers: Readonly<Record<string, number | readonly number[]>>): string {
  const fields = Object.entries(numbers).map(
    ([name, value]) => `${name} = ${typeof value === 'number' ? value : `{ ${value.join(', ')} }`}`,
  );
  return `{ ${fields.join(', ')} }`;
}

function withParts(lua: string): string {
  return lua.replace(INCLUDE, (_line, names: string) =>
    names
      .split(' ')
      .map((name) => withParts(luaFile(`parts/${name}`)))
      .join('\n'),
  );
}

function luaFile(name: string): string {
  return readFileSync(join(import.meta.dirname, 'lua', `${name}.lua`), 'utf8');
}
