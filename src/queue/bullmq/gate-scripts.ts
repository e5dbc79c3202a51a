import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from '../../redis/script.js';
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

/** What the scripts are made of, in the order in which one part builds on another. */
const PARTS = [
  'clock',
  'records',
  'lines',
  'pace',
  'share',
  'offers',
  'bodies',
  'replies',
  'settle',
  'holders',
  'ageing',
  'epoch',
] as const;
/** Every run of a script makes its functions anew, so that what only one needs is not in all. */
const PARTS_OF_ONE: Partial<Record<ScriptName, string>> = { sweep: 'roll-call' };

/** The Lua of the gate for one prefix and one set of times, which the scripts know as `P` and `T`. */
export function gateScripts(prefix: string, times: GateTimes): Readonly<Record<ScriptName, Script>> {
  const head = [constants(prefix, times), ...PARTS.map(luaPart)];
  const script = (name: ScriptName) => {
    const flags = FLAGS[name] === '' ? '' : ` flags=${FLAGS[name]}`;
    const own = PARTS_OF_ONE[name];
    return new Script([`#!lua${flags}`, ...head, ...(own === undefined ? [] : [luaPart(own)]), luaFile(name)].join('\n'));
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
  const fields = Object.entries(times).map(([name, ms]) => `${name} = ${ms}`);
  return `local P = ${JSON.stringify(prefix)}\nlocal T = { ${fields.join(', ')} }`;
}

function luaPart(name: string): string {
  return luaFile(`parts/${name}`);
}

function luaFile(name: string): string {
  return readFileSync(join(import.meta.dirname, 'lua', `${name}.lua`), 'utf8');
}
