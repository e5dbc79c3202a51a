import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GateKeys, waitingKey } from '../src/queue/bullmq/gate-keys.js';
import { gateScripts } from '../src/queue/bullmq/gate-scripts.js';
import { GATE_TIMES } from '../src/queue/bullmq/gate-times.js';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/queue.md'), 'utf8');
const SCRIPTS = new Map(Object.entries(gateScripts('', GATE_TIMES)).map(([name, { lua }]) => [name, lua] as const));
const LUA = [...SCRIPTS.values()].join('\n');
/** A claim alone reads the payload, and a small answer comes and goes with its callers. */
const FIELDS_APART = ['payload', 'answer'];
const TYPES: readonly (readonly [commands: RegExp, type: string])[] = [
  [/^Z/, 'sorted set'],
  [/^H/, 'hash'],
  [/^(SADD|SREM|SMEMBERS|SRANDMEMBER)$/, 'set'],
  [/^(GET|SET|INCR|INCRBY|DECRBY|STRLEN)$/, 'string'],
  [/^(LPOP|RPUSH)$/, 'list'],
  [/^PUBLISH$/, 'channel'],
];

describe('docs/queue.md', () => {
  const keys = rowsUnder('Keys');

  it('has a row for every key that a script or a replica names, and no other', () => {
    const named = [...all(/P \.\. '([a-z]+:?)/g, LUA).map(([family]) => family!), ...declared().map(familyOf)];
    expect(keys.map(([key]) => familyOf(key!)).sort()).toEqual([...new Set(named)].sort());
  });

  it('gives every key the type that the scripts use it as', () => {
    const told = new Map(keys.map(([key, type]) => [familyOf(key!), type]));
    const used = all(/redis\.call\('(\w+)', P \.\. '([a-z]+:?)/g, LUA).flatMap(([command, family]) => {
      const type = TYPES.find(([commands]) => commands.test(command!))?.[1];
      return type === undefined ? [] : [{ family: family!, type }];
    });
    expect(used.map(({ family }) => ({ family, type: told.get(family) }))).toEqual(used);
    expect(used).not.toEqual([]);
  });

  it('has a row for every field of a record, and no other', () => {
    const [[list] = []] = all(/local FIELDS = \{([^}]+)\}/g, LUA);
    const fields = all(/'(\w+)'/g, list ?? '').map(([field]) => field!);
    expect(
      rowsUnder('The record')
        .map(([field]) => field!)
        .sort(),
    ).toEqual([...fields, ...FIELDS_APART].sort());
  });

  it('draws every state, and on each edge only scripts that can lead there', () => {
    const edges = all(/^ {2}(\S+) --> (\w+): (.+)$/gm, PAGE).map(([from, to, label]) => ({ from, to: to!, scripts: namesIn(label!) }));
    const states = all(/enter\(r, '(\w+)'|\bst = '(\w+)'|\bst == '(\w+)'/g, LUA).map((names) => names.find((name) => name !== undefined)!);
    expect([...new Set(edges.map(({ to }) => to))].sort()).toEqual([...new Set(states)].sort());
    const wrong = edges.flatMap(({ from, to, scripts }) =>
      scripts.filter((name) => !SCRIPTS.get(name)?.includes(`'${to}'`)).map((name) => `${from} --> ${to}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** What a replica tells Redis beforehand, or asks for by itself. */
function declared(): readonly string[] {
  const keys = new GateKeys('{x}');
  const line = { line: 'house', mode: 'X' } as const;
  const named = [...keys.forReplica('r'), ...keys.forAcceptance('id', 'house', 'house', [line]), keys.channel('r'), waitingKey('{x}')];
  return named.map((key) => key.slice(keys.prefix.length));
}

/** `rdy:` of `rdy:<lane>:<class>`. */
function familyOf(key: string): string {
  return /^[a-z]+:?/.exec(key)![0];
}

function namesIn(label: string): readonly string[] {
  return label.replace(/ \([^)]*\)/g, '').split(' · ');
}

/** Cells of the first table below a heading, the names in the first without their quotes. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return all(/^\| `([^`]+)` \| (.+) \|$/gm, section).map(([name, rest]) => [name!, ...rest!.split(' | ')]);
}

function all(pattern: RegExp, text: string): readonly (readonly (string | undefined)[])[] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups);
}
