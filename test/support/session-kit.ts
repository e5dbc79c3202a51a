import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/call/clock.js';
import type { JsonObject } from '../../src/call/json.js';
import type { ChildExit } from '../../src/session-pool/child-exit.js';
import { ChildWarden } from '../../src/session-pool/child-warden.js';
import type { Era, EraVerdicts } from '../../src/session-pool/era-verdicts.js';
import type { CallOptions, Exchange, Oddity } from '../../src/session-pool/exchange.js';
import type { Reply } from '../../src/session-pool/reply.js';
import { type SessionListener, UpstreamSession } from '../../src/session-pool/upstream-session.js';
import { UpstreamConfig } from '../../src/session-pool/upstream.config.js';
import { eventually } from './eventually.js';

const SERVERS = join(__dirname, '..', 'servers');

/** A configured upstream that runs one of `test/servers`. */
export function anUpstream(server: string, args: readonly string[] = [], settings: Partial<UpstreamConfig> = {}): UpstreamConfig {
  const file = join(SERVERS, `${server}.mjs`);
  return Object.assign(new UpstreamConfig(), { name: server, command: process.execPath, args: [file, ...args], era: '2025' }, settings);
}

/** Everything a session tells its listener, kept for looking at. */
export class Heard implements SessionListener {
  readonly notifications: { readonly method: string; readonly params: JsonObject }[] = [];
  readonly oddities: Oddity[] = [];
  readonly logs: { readonly message: string; readonly fields: object }[] = [];
  readonly exits: ChildExit[] = [];
  readonly states: string[] = [];

  notification(_session: UpstreamSession, method: string, params: JsonObject): void {
    this.notifications.push({ method, params });
  }

  changed({ state }: UpstreamSession): void {
    if (this.states.at(-1) !== state) this.states.push(state);
  }

  gone(_session: UpstreamSession, exit: ChildExit): void {
    this.exits.push(exit);
  }

  oddity(kind: Oddity): void {
    this.oddities.push(kind);
  }

  log(_level: string, message: string, fields: object): void {
    this.logs.push({ message, fields });
  }
}

export class RememberedEras implements EraVerdicts {
  readonly eras = new Map<string, Era>();

  get(fingerprint: string): Promise<Era | undefined> {
    return Promise.resolve(this.eras.get(fingerprint));
  }

  remember(fingerprint: string, era: Era): Promise<void> {
    this.eras.set(fingerprint, era);
    return Promise.resolve();
  }
}

/** Real children for one spec file, and nothing left of them afterwards. */
export class SessionKit {
  readonly warden = new ChildWarden(systemClock);
  private readonly sessions: UpstreamSession[] = [];

  async start(
    upstream: UpstreamConfig,
    given: { verdicts?: EraVerdicts; capabilities?: JsonObject; signal?: AbortSignal } = {},
  ): Promise<Started> {
    const heard = new Heard();
    const { verdicts = new RememberedEras(), capabilities = {}, signal = new AbortController().signal } = given;
    const session = await UpstreamSession.start(
      upstream,
      { clock: systemClock, warden: this.warden, verdicts, on: heard, capabilities },
      signal,
    );
    this.sessions.push(session);
    return { session, heard };
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.end('now')));
    this.warden.close();
  }
}

export interface Started {
  readonly session: UpstreamSession;
  readonly heard: Heard;
}

/** Calls the tool `echo` unless told otherwise. */
export function call(
  session: UpstreamSession,
  args: JsonObject = {},
  options: Partial<CallOptions> & { readonly tool?: string; readonly budgetMs?: number; readonly signal?: AbortSignal } = {},
): Exchange {
  const { tool = 'echo', budgetMs = 5000, signal = new AbortController().signal, ...rest } = options;
  return session.call(
    'tools/call',
    { name: tool, arguments: args },
    { kind: 'read', deadline: systemClock.now() + budgetMs, ...rest },
    signal,
  );
}

/** What `echo` gives back for this text. */
export function echoed(text: string): JsonObject {
  return { kind: 'result', result: { content: [{ type: 'text', text }] } };
}

/** The text in the first content block of a result; empty when there is none. */
export function textOf(reply: Reply): string {
  const [block] = reply.kind === 'result' && Array.isArray(reply.result.content) ? (reply.result.content as JsonObject[]) : [];
  return typeof block?.text === 'string' ? block.text : '';
}

/** Waits for a condition, for at most ten seconds. */
export async function until(holds: () => boolean): Promise<void> {
  await eventually(holds, Boolean, 10_000);
}

/** Whether a process with this id exists and is more than a zombie. */
export function isRunning(pid: number): boolean {
  return stateOf(pid) !== undefined && stateOf(pid) !== 'Z';
}

function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
  } catch {
    return undefined;
  }
}
