import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { redisBinary } from './redis-binary.js';

/** Options of redis-server as in its configuration file: `{ appendonly: 'yes', maxmemory: '10mb' }`. */
export type RedisOptions = Readonly<Record<string, string>>;

/** A real Redis of one's own, on a free port, in a folder of its own. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** kill -9, and waits for the end. */
  kill(): Promise<void>;
  /** Freezes it, and lets it go on. */
  pause(): void;
  resume(): void;
  /** After `kill`: the same port and folder. @param options in place of those before, where named */
  restart(options?: RedisOptions): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

const START_MS = 10_000;
const QUIET_OPTIONS: RedisOptions = { save: '', 'maxmemory-policy': 'noeviction', 'enable-debug-command': 'yes', bind: '127.0.0.1' };

/** Starts a server with an append-only file unless told otherwise; always close it. */
export async function aRedisServer(options: RedisOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'bridge-redis-'));
    const server = new OwnRedis(await freePort(), folder, { appendonly: 'yes', ...options });
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.close();
      // somebody else may have taken the port meanwhile
      if (attempt === 3) throw error;
    }
  }
}

/** A Redis that the test only uses, under a prefix of its own: the one that REDIS_URL names, else a fresh one. */
export async function aRedis(): Promise<Pick<RedisServer, 'url' | 'close'>> {
  const url = process.env.REDIS_URL;
  return url ? { url, close: () => Promise.resolve() } : aRedisServer();
}

/** Processes with one prefix are one installation. */
export function freshPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}

class OwnRedis implements RedisServer {
  private guard?: ChildProcess;
  pid = 0;

  constructor(
    readonly port: number,
    private readonly folder: string,
    private options: RedisOptions,
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const settings = { ...QUIET_OPTIONS, ...this.options, port: String(this.port), dir: this.folder, logfile: join(this.folder, 'log') };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const guard = spawn('sh', ['-c', GUARD, redisBinary(), ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = once(guard, 'exit').then(async () => Promise.reject(new Error(`redis-server ended:\n${await this.log()}`)));
    ended.catch(() => undefined);
    this.guard = guard;
    const [pid] = (await Promise.race([once(guard.stdout, 'data'), ended])) as [Buffer];
    this.pid = Number(pid.toString());
    await Promise.race([eventually(() => answersPing(this.port), Boolean, START_MS), ended]);
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  async restart(options: RedisOptions = {}): Promise<void> {
    this.options = { ...this.options, ...options };
    await this.start();
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { guard } = this;
    if (guard?.exitCode !== null || guard.signalCode !== null) return;
    const ended = once(guard, 'exit');
    process.kill(this.pid, signal);
    await ended;
  }

  private log(): Promise<string> {
    return readFile(join(this.folder, 'log'), 'utf8').catch(() => 'it left no log');
  }
}

/** Prints the server's pid, ends with it, and ends it when we are gone in whatever way: then our end of its stdin closes. */
const GUARD = `
"$0" "$@" </dev/null >/dev/null 2>&1 & server=$!
echo $server
exec 3<&0
{ read -r _ <&3; kill -9 $server 2>/dev/null; } & reader=$!
wait $server
kill $reader 2>/dev/null
`;

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      resolve(/^(\+PONG|-NOAUTH)/.test(answer.toString()));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
