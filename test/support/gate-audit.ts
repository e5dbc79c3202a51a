import type { Redis as Connection } from 'ioredis';

type Row = Readonly<Record<string, string>>;
type Members = Record<string, number>;

/** What all keys of an installation say, beside what they have to say by its records alone. Equal, or the gate is broken. */
export async function auditOf(redis: Connection, prefix: string): Promise<{ readonly found: Keys; readonly due: Keys }> {
  const names = (await redis.keys(`${prefix.replace(/[{}]/g, '?')}*`)).map((name) => name.slice(prefix.length));
  const records = new Map<string, Row>();
  for (const name of names.filter((key) => key.startsWith('j:'))) records.set(name.slice(2), await redis.hgetall(prefix + name));
  const found: Keys = {};
  for (const name of names.filter((key) => INDEX.test(key))) found[name] = await contentOf(redis, prefix + name);
  const ttls = await ttlsOf(redis, prefix, records);
  const due = dueFrom(records);
  const forgotten = forgottenIn(records, due, await redis.lrange(`${prefix}go`, 0, -1));
  return { found: { ...withoutZeros(found), ttls, forgotten }, due: { ...due, ttls: expectedTtls(records), forgotten: {} } };
}

type Keys = Record<string, Members>;

const INDEX = /^(due|parked|offer:|rdy:|sh:|tags:|out:|lease|ln:|lx:|c:|locked)/;
const WAITING = ['parked', 'ready'];
const RUNNING = ['claimed', 'begun'];

/** Ends of leases and of offers move on their own: only who stands there is compared. */
const MOVING = /^(offer:|lease)/;

async function contentOf(redis: Connection, key: string): Promise<Members> {
  const type = await redis.type(key);
  if (type === 'hash') return numbers(Object.entries(await redis.hgetall(key)));
  if (type === 'set') return numbers((await redis.smembers(key)).map((member) => [member, 1] as const));
  const flat = await redis.zrange(key, '0', '-1', 'WITHSCORES');
  const isMoving = MOVING.test(key.slice(key.indexOf(':g:') + 3));
  const members: Members = {};
  for (let index = 0; index < flat.length; index += 2) members[flat[index]!] = isMoving ? 1 : Number(flat[index + 1]);
  return members;
}

function dueFrom(records: ReadonlyMap<string, Row>): Keys {
  const keys: Keys = {};
  const put = (key: string, member: string, score: number) => ((keys[key] ??= {})[member] = score);
  const add = (key: string, member: string) => put(key, member, (keys[key]?.[member] ?? 0) + 1);
  for (const [id, row] of records) {
    const { st, why, lane, tag, up } = row as Row & Record<'st' | 'why' | 'lane' | 'tag' | 'up', string>;
    const [seq, group] = [Number(row.seq), row.class!];
    const isWaiting = WAITING.includes(st);
    const isRunning = RUNNING.includes(st);
    if (!isWaiting && !isRunning) continue;
    for (const [path, mode] of JSON.parse(row.locks!) as [string, string][]) {
      put(`ln:${path}`, id, seq);
      if (mode === 'X') put(`lx:${path}`, id, seq);
    }
    if (isWaiting) {
      put('due', id, Number(row.deadline));
      add(`c:${lane}`, `w${group}`);
      if (row.locks !== '[]') add('locked', up);
    }
    if (st === 'parked') {
      put('parked', id, Number(row.accepted));
      add(`c:${lane}`, why);
    }
    if (st === 'parked' && why === 'share') {
      put(`sh:${lane}:${tag}`, id, seq);
      put(`tags:${lane}`, tag, 1);
    }
    if (st === 'ready') {
      put(`offer:${lane}`, id, 1);
      put(`rdy:${lane}:${group}`, id, seq);
    }
    if (st === 'ready' || isRunning) add(`out:${lane}`, tag);
    if (isRunning) {
      put('lease', id, 1);
      add(`c:${lane}`, `r${row.own!}`);
    }
  }
  return keys;
}

/** Who waits for lines that he has, and is on nobody's list. */
function forgottenIn(records: ReadonlyMap<string, Row>, due: Keys, listed: readonly string[]): Members {
  const isGranted = (row: Row) =>
    (JSON.parse(row.locks!) as [string, string][]).every(([path, mode]) => {
      const before = (line: string) => Object.values(due[`${line}:${path}`] ?? {}).some((seq) => seq < Number(row.seq));
      return mode === 'X' ? !before('ln') : !before('lx');
    });
  const stuck = [...records].filter(([id, row]) => row.st === 'parked' && row.why === 'lock' && isGranted(row) && !listed.includes(id));
  return numbers(stuck.map(([id]) => [id, 1]));
}

async function ttlsOf(redis: Connection, prefix: string, records: ReadonlyMap<string, Row>): Promise<Members> {
  const ttls: Members = {};
  for (const id of records.keys()) ttls[id] = (await redis.pttl(`${prefix}j:${id}`)) >= 0 ? 1 : 0;
  return ttls;
}

function expectedTtls(records: ReadonlyMap<string, Row>): Members {
  return Object.fromEntries([...records].map(([id, { st }]) => [id, [...WAITING, ...RUNNING].includes(st!) ? 0 : 1]));
}

function withoutZeros(keys: Keys): Keys {
  const kept = Object.entries(keys).map(
    ([name, members]) => [name, numbers(Object.entries(members).filter(([, value]) => value !== 0))] as const,
  );
  return Object.fromEntries(kept.filter(([, members]) => Object.keys(members).length > 0));
}

function numbers(entries: readonly (readonly [string, string | number])[]): Members {
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]));
}
