/** What a Redis is, by its own word, and whether a queue may be trusted to it. */
export type ServerCheck =
  | { readonly ok: true; readonly runId: string; readonly version: string; readonly isVolatile: boolean }
  | { readonly ok: false; readonly reason: string; readonly found: string };

const OLDEST = { redis: [7, 0], valkey: [7, 2] } as const;

/** @param info the answer to INFO: managed services forbid CONFIG */
export function checkServer(info: string): ServerCheck {
  const facts = factsOf(info);
  const fact = (name: string): string => facts.get(name) ?? '';
  const refused = (reason: string, found: string): ServerCheck => ({ ok: false, reason, found });

  const kind = facts.has('valkey_version') ? 'valkey' : 'redis';
  const version = fact(`${kind}_version`);
  if (isOlder(version, OLDEST[kind])) {
    return refused('Redis is too old: it needs Redis 7.0, Valkey 7.2 or newer', `${kind} ${version}`);
  }
  if (fact('role') !== 'master') return refused('Redis is a replica: redis.url has to lead to the primary', `role ${fact('role')}`);
  if (fact('maxmemory_policy') !== 'noeviction') {
    return refused(
      'Redis may evict what was accepted: it needs maxmemory-policy noeviction',
      `maxmemory-policy ${fact('maxmemory_policy')}`,
    );
  }
  return { ok: true, runId: fact('run_id'), version: `${kind} ${version}`, isVolatile: fact('aof_enabled') !== '1' };
}

function factsOf(info: string): ReadonlyMap<string, string> {
  const lines = info.split('\n').map((line) => line.trim());
  return new Map(
    lines.filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return !(ownMajor > major || (ownMajor === major && ownMinor >= minor));
}
