import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplicaSettings } from '../../support/a-replica.js';
import { upstream } from '../../support/a-bridge.js';

const AT_ONCE = 24;
const SECONDS = { timeout_seconds: 10 };

const POLICY = {
  retry: { max_attempts: 3 },
  tools: {
    read: {
      kind: 'read',
      ...SECONDS,
      cache: { ttl_seconds: 60, vary_by: ['/op'], tags: ['{op}'] },
      fallback: 'return_cached_or_fail',
    },
    other: { kind: 'read', ...SECONDS, fallback: 'fail_fast_with_reason' },
    write: { kind: 'write', ...SECONDS, targets: ['/op'] },
  },
};

const ONE = { min_connections: 1, target_connections: 1, max_connections: 2 };

/** Settings under which a little traffic meets every limit. */
export function settings(folder: string, keys: readonly object[]): ReplicaSettings {
  writeFileSync(join(folder, 'mode'), 'ok');
  writeFileSync(join(folder, 'log'), '');
  return {
    access: { keys, signing_key_file: join(folder, 'signing-key') },
    rate_limiting: { enabled: true, requests_per_second: 60, burst_capacity: 120 },
    queue: { max_size: 8 },
    cache: { max_size: 4, levels: { l2: { enabled: true } } },
    circuit_breaker: { failure_threshold: 3, recovery_timeout_seconds: 1 },
    shutdown: { delay_seconds: 0, timeout_seconds: 1 },
    upstreams: {
      house: upstream('outage', [join(folder, 'mode'), join(folder, 'log')], { ...ONE, policy: POLICY }),
      noisy: upstream('misbehaving', ['garbage'], ONE),
      fickle: upstream('misbehaving', ['changes-tools'], ONE),
      told: upstream('telltale', [], ONE),
    },
  };
}

/** Calls of every kind, each against the next replica and with the next key. */
export class Traffic {
  private turn = 0;
  /** How often each status was met. */
  readonly statuses = new Map<number, number>();

  constructor(
    private readonly folder: string,
    private readonly urls: readonly string[],
    private readonly keys: readonly string[],
  ) {}

  /** One of each; what is refused, lost or broken is meant to be. */
  async round(): Promise<void> {
    const fresh = randomUUID();
    await this.all([1, 2, 3].map((n) => this.house('other', { op: `${fresh}-${n}` })));
    // the next replica finds it in the shared level, the first one again in its own
    for (let n = 0; n < 4; n += 1) await this.house('read', { op: fresh });
    await this.all([1, 2, 3, 4].map(() => this.house('write', { op: 'one lamp', ms: 20 })));
    await this.all(Array.from({ length: 30 }, (_, n) => this.house('write', { op: n % 2 ? 'a' : 'b', ms: 50 })));
    await this.all([this.house('other', { op: 'late', ms: 2000 }, { 'X-Timeout': '0.2' })]);
    await this.all([
      this.house('write', { op: 'twice' }, { 'X-Request-ID': fresh }),
      this.house('write', { op: 'twice' }, { 'X-Request-ID': fresh }),
    ]);
    await this.call('noisy', 'echo', { text: 'x' });
    await this.call('fickle', 'echo', { text: 'x' });
    await this.call('told', 'fail', {});
    await this.call('house', 'no such tool', {});
    await this.send('/mcp/tools/call', '{"half":');
    await this.send('/nowhere', '{}');
    await this.send('/mcp/tools/list', '{}', { Authorization: 'Bearer wrong' });
    await this.outage();
    await this.crashes();
  }

  /** More at once than a bucket holds. */
  async storm(): Promise<void> {
    const greedy = { Authorization: `Bearer ${this.keys[0]}` };
    await this.all(Array.from({ length: 200 }, () => this.send('/mcp/tools/list', '{}', greedy)));
  }

  /** Names that nobody has, each anew: of tools, entities, servers, keys, sessions and paths. */
  async makeUp(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += AT_ONCE) await this.all(Array.from({ length: AT_ONCE }, (_, n) => this.invention(n)));
  }

  private invention(n: number): Promise<void> {
    const word = `made-up-${randomUUID()}`;
    switch (n % 6) {
      case 0:
        return this.house(word, {});
      case 1:
        return this.house('write', { op: word }, { 'X-Client-ID': word, 'X-Request-ID': word });
      case 2:
        return this.call(word, 'read', {});
      case 3:
        return this.send('/mcp/tools/list', '{}', { Authorization: `Bearer ${word}` });
      case 4:
        return this.send('/mcp/tools/list', '{}', { 'X-Session-ID': word, Origin: `http://${word}.example` });
      default:
        return this.send(`/${word}`, '{}');
    }
  }

  /** A write that nobody knows the end of, and a read that is tried again. */
  private async crashes(): Promise<void> {
    await this.all([this.house('write', { op: 'poison', n: randomUUID() })]);
    await this.all([this.house('other', { op: 'poison', n: randomUUID() })]);
  }

  /** Long enough that the circuit opens and a stored answer stands in. */
  private async outage(): Promise<void> {
    await this.house('read', { op: 'known' });
    this.become('unavailable');
    for (let n = 0; n < 6; n += 1) await this.house('other', { op: `away ${n}` });
    await this.all([1, 2, 3].map(() => this.house('read', { op: 'known' }, { 'X-Cache-Control': 'max-age=0' })));
    this.become('ok');
  }

  private become(mode: string): void {
    writeFileSync(join(this.folder, 'mode'), mode);
  }

  private async all(calls: readonly Promise<void>[]): Promise<void> {
    await Promise.all(calls);
  }

  private house(tool: string, args: object, headers: Record<string, string> = {}): Promise<void> {
    return this.call('house', tool, args, headers);
  }

  private call(server: string, name: string, args: object, headers: Record<string, string> = {}): Promise<void> {
    return this.send(`/mcp/servers/${server}/tools/call`, JSON.stringify({ name, arguments: args }), headers);
  }

  private async send(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
    this.turn += 1;
    const url = this.urls[this.turn % this.urls.length]!;
    const key = this.keys[this.turn % this.keys.length]!;
    const standing = { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` };
    const response = await fetch(url + path, { method: 'POST', headers: { ...standing, ...headers }, body });
    await response.arrayBuffer();
    this.statuses.set(response.status, (this.statuses.get(response.status) ?? 0) + 1);
  }
}
