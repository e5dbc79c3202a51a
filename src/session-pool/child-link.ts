import type { Clock } from '../call/clock.js';
import type { JsonObject } from '../call/json.js';
import type { ChildExit } from './child-exit.js';
import { ChildProcess, type Ending } from './child-process.js';
import type { ChildWarden } from './child-warden.js';
import type { Oddity } from './exchange.js';
import { LineClient, type LineClientEvents } from './line-client.js';
import type { LostReason } from './reply.js';
import type { UpstreamConfig } from './upstream.config.js';

export interface LinkEvents {
  oddity(kind: Oddity, detail?: string): void;
  log(level: 'debug' | 'info' | 'warn', message: string, fields: object): void;
}

/** What only somebody who knows the session can be told. */
export type LinkListener = Pick<LineClientEvents, 'notification' | 'changed'>;

const LAST_WORDS_MS = 100;
const MEBIBYTE = 1024 * 1024;

/** A child and the client that talks to it: they die together. */
export class ChildLink {
  readonly client: LineClient;
  /** The group is gone and every call has ended. */
  readonly gone: Promise<ChildExit>;
  /** No new call from here on: the child is leaving, or we want it to. */
  ending = false;
  private wanted = false;
  private listener: LinkListener | undefined;
  private stopTimer: () => void = () => undefined;
  private signed = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly clock: Clock,
    events: LinkEvents,
    options: { readonly maxLineBytes: number; readonly capabilities: JsonObject },
  ) {
    this.client = new LineClient(child.stdin, clock, this.clientEvents(events), options);
    this.gone = this.watch();
  }

  /** @throws StartFailure `spawn` */
  static async open(
    upstream: UpstreamConfig,
    { clock, warden, on, capabilities = {} }: { clock: Clock; warden: ChildWarden; on: LinkEvents; capabilities?: JsonObject | undefined },
  ): Promise<ChildLink> {
    const onStderr = (line: string): void => on.log('debug', 'stderr of a child', { upstream: upstream.name, line });
    const child = await ChildProcess.spawn(upstream, { clock, warden, onStderr });
    return new ChildLink(child, clock, on, { maxLineBytes: upstream.maxLineMb * MEBIBYTE, capabilities });
  }

  get pid(): number {
    return this.child.pid;
  }

  get lastLines(): readonly string[] {
    return this.child.lastLines;
  }

  attach(listener: LinkListener): void {
    this.listener = listener;
  }

  async end(how: Ending): Promise<ChildExit> {
    if (!this.signed) this.wanted = true;
    this.leave();
    void this.child.end(how);
    return this.gone;
  }

  private clientEvents(events: LinkEvents): LineClientEvents {
    return {
      notification: (method, params) => this.listener?.notification(method, params),
      changed: () => this.listener?.changed(),
      revoked: () => void this.end('now'),
      oddity: (kind, detail) => {
        events.oddity(kind, detail);
        if (kind === 'garbage' && detail !== undefined)
          events.log('info', 'a line from a child is not JSON-RPC', { line: detail, pid: this.pid });
      },
    };
  }

  /** Death has several signs and any may come first; an answer may still lie in the pipe, so last words are waited for. */
  private async watch(): Promise<ChildExit> {
    const { stdin, stdout } = this.child;
    stdout.on('data', (chunk: Buffer) => this.client.receive(chunk));
    stdout.once('close', () => this.sign('exit', 'stdout was closed'));
    stdin.on('error', (error) => this.sign('stdin', error.message));
    stdout.on('error', (error) => this.sign('exit', error.message));

    const exit = await this.child.exited;
    this.leave();
    this.stopTimer();
    this.signed = true;
    await Promise.race([this.child.closed, this.lastWords()]);
    this.client.lose(this.wanted ? 'killed' : 'exit', describeExit(exit));
    // A process that left the group may hold the pipes open.
    this.child.release();
    return { ...exit, wanted: this.wanted, stderr: this.child.lastLines };
  }

  private lastWords(): Promise<void> {
    return new Promise((resolve) => (this.stopTimer = this.clock.after(LAST_WORDS_MS, resolve)));
  }

  /** What does not exit by itself after the first sign is ended. */
  private sign(reason: LostReason, detail: string): void {
    if (this.signed) return;
    this.signed = true;
    this.leave();
    void this.lastWords().then(() => {
      this.client.forsake(this.wanted ? 'killed' : reason, detail);
      void this.child.end('term');
    });
  }

  private leave(): void {
    if (this.ending) return;
    this.ending = true;
    this.client.close();
    this.listener?.changed();
  }
}

function describeExit({ reason, code, signal }: Omit<ChildExit, 'wanted' | 'stderr'>): string {
  return signal === null ? `${reason}, code ${code ?? -1}` : `${reason}, ${signal}`;
}
