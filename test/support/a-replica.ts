import { join } from 'node:path';
import { aProcess, type BridgeProcess } from './a-process.js';
import { freePort } from './free-port.js';
import { processesMarked } from './processes.js';
import type { RedisServer } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

/** The environment of a replica's children: how it is called, for the ledger, and which one of all on this machine it is. */
const NAME = 'LEDGER_REPLICA';
const MARK = 'BRIDGE_REPLICA';

export interface ReplicaOptions {
  readonly name: string;
  readonly folder: string;
  readonly redis: RedisServer;
  readonly prefix: string;
  /** Of the bridge's configuration, upstreams included. */
  readonly settings: ReplicaSettings;
  /** Stands in for the built product; gets the same command line. */
  readonly program?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export interface ReplicaSettings {
  readonly upstreams: Readonly<Record<string, object>>;
  readonly [section: string]: object;
}

/** One process of a cluster. It keeps its port and its own way to Redis however often it is ended and started. */
export class Replica {
  private running?: BridgeProcess;
  /** What earlier processes of this replica printed. */
  private past = '';

  private constructor(
    private readonly options: ReplicaOptions,
    readonly port: number,
    /** Its path to Redis, to be cut or made slow. */
    readonly path: TcpProxy,
  ) {}

  static async of(options: ReplicaOptions): Promise<Replica> {
    return new Replica(options, await freePort(), await TcpProxy.to(options.redis.port));
  }

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get auditFile(): string {
    return join(this.options.folder, `${this.name}.audit.jsonl`);
  }

  get isUp(): boolean {
    return this.running !== undefined;
  }

  /** @throws when it is not running */
  get pid(): number {
    if (!this.running) throw new Error(`replica ${this.name} is not running`);
    return this.running.pid;
  }

  get output(): string {
    return this.past + (this.running?.output() ?? '');
  }

  /** The children that serve its calls, told by their environment. */
  children(): readonly number[] {
    return processesMarked(`${MARK}=${this.mark}\0`);
  }

  async start(): Promise<void> {
    this.running = await aProcess(
      ['--port', String(this.port), '--config', JSON.stringify(this.config())],
      this.options.env,
      this.options.program,
    );
  }

  /** @returns the exit code; null when a signal ended it */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { running } = this;
    if (!running) return null;
    const code = await running.stop(signal);
    this.past += running.output();
    this.running = undefined;
    return code;
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async close(): Promise<void> {
    if (this.running) process.kill(this.pid, 'SIGCONT');
    await this.stop('SIGKILL');
    await this.path.close();
  }

  private config(): object {
    const { redis, prefix, folder, settings } = this.options;
    const upstreams = Object.entries(settings.upstreams).map(([name, upstream]) => [name, this.marked(upstream)]);
    return {
      rate_limiting: { enabled: false },
      access: { signing_key_file: join(folder, 'signing-key') },
      audit: { file: this.auditFile },
      ...settings,
      redis: { url: redis.url.replace(String(redis.port), String(this.path.port)), prefix },
      upstreams: Object.fromEntries(upstreams),
    };
  }

  private marked(upstream: object & { env?: object }): object {
    return { ...upstream, env: { ...upstream.env, [NAME]: this.name, [MARK]: this.mark } };
  }

  /** Other clusters on this machine have replicas of the same names. */
  private get mark(): string {
    return `${this.options.prefix}/${this.name}`;
  }
}
