import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gateScripts } from './gate-scripts.js';
import { GATE_TIMES } from './gate-times.js';

const PARTS = join(__dirname, 'lua/parts');
const DEFINITION = /local function (\w+)\(/g;
const inAnyPart = readdirSync(PARTS).flatMap((file) => namesIn(readFileSync(join(PARTS, file), 'utf8')));

describe(gateScripts.name, () => {
  it.each(Object.entries(gateScripts('{test}:g:', GATE_TIMES)))('gives %s every function of the parts that it calls', (_name, { lua }) => {
    const made = namesIn(lua);
    const called = inAnyPart.filter((name) => new RegExp(`(?<!function )\\b${name}\\(`).test(lua));
    expect(called.filter((name) => !made.includes(name))).toEqual([]);
  });
});

function namesIn(lua: string): string[] {
  return [...lua.matchAll(DEFINITION)].map(([, name]) => name!);
}
