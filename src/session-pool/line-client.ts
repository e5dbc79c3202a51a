import type { Writable } from 'node:stream';
import type { CallSignal } from '../call/call-signal.js';
import type { Clock } from '../call/clock.js';
import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import { Asks } from './asks.js';
import type { AskReply, CallOptions, Exchange, Oddity } from './exchange.js';
import { LineFramer, type OversizeLine } from './line-framer.js';
import { MAX_WAITING_BYTES, OutgoingQueue } from './outgoing-queue.js';
import { oversizeSubject } from './oversize-subject.js';
import { type CallCarrier, PendingCall } from './pending-call.js';
import { PendingCalls } from './pending-calls.js';
import type { LostReason, Reply } from './reply.js';
import { readAnswer, readId, readMessage } from './rpc-message.js';

export interface LineClientEvents {
  notification(method: string, params: JsonObject): void;
  /** Calls in flight, owed writes or the backlog moved. */
  changed(): void;
  /** A write that was sent may not go on: the child is to be killed. */
  revoked(): void;
  oddity(kind: Oddity, detail?: string): void;
}

const GARBAGE_SHOWN = 3;
const GARBAGE_CHARACTERS = 200;

/** JSON-RPC with one child over lines: whatever the child writes, each call ends, and no call sees another's answer. */
export class LineClient implements CallCarrier {
  readonly calls = new PendingCalls();
  /** When the child last said anything; the client's birth before that. */
  heardAt: number;
  private readonly framer: LineFramer;
  private readonly outgoing: OutgoingQueue;
  private readonly asks: Asks;
  private readonly streams = new Set<number>();
  private closed = false;
  private garbage = 0;

  constructor(
    stdin: Writable,
    readonly clock: Clock,
    private readonly events: LineClientEvents,
    options: { readonly maxLineBytes: number; readonly capabilities: JsonObject },
  ) {
    this.heardAt = clock.now();
    this.framer = new LineFramer(options.maxLineBytes, {
      line: (text) => this.receiveLine(text),
      oversize: (line) => this.receiveOversize(line),
    });
    this.outgoing = new OutgoingQueue(stdin, () => this.events.changed());
    this.asks = new Asks(options.capabilities, (id, reply) => this.answerAsk(id, reply));
  }

  get blocked(): boolean {
    return this.outgoing.blocked;
  }

  call(method: string, params: JsonObject, options: CallOptions, signal: CallSignal): Exchange {
    const refusal = this.refusalOf(options, signal);
    if (refusal) return over(refusal);
    const call = new PendingCall(this.calls.nextId(), options, this, signal);
    this.calls.add(call);
    this.send(call, method, withProgressToken(params, call));
    this.events.changed();
    return call.exchange;
  }

  notify(method: string, params: JsonObject): void {
    this.outgoing.push(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** A request that is answered by notifications for as long as the child lives; its own end means nothing to us. */
  listen(method: string, params: JsonObject): void {
    const id = this.calls.nextId();
    this.streams.add(id);
    this.outgoing.push(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  receive(chunk: Buffer): void {
    this.heardAt = this.clock.now();
    this.framer.push(chunk);
  }

  /** Nothing more is sent. Calls already sent may still be answered. */
  close(): void {
    this.closed = true;
    this.outgoing.close();
  }

  /** Nothing more will be heard: every caller is told. */
  forsake(reason: LostReason, detail: string): void {
    this.close();
    this.framer.end();
    this.calls.forsakeAll(reason, detail);
  }

  /** The child is dead: every call is settled. */
  lose(reason: LostReason, detail: string): void {
    this.close();
    this.framer.end();
    this.calls.loseAll(reason, detail);
  }

  withdraw({ line }: PendingCall): boolean {
    return line === undefined || this.outgoing.withdraw(line);
  }

  cancelOnChild({ id, isWrite }: PendingCall): void {
    if (!isWrite) this.calls.bury(id);
    this.notify('notifications/cancelled', { requestId: id, reason: 'The caller no longer waits' });
  }

  owed(): void {
    this.calls.owe();
    this.events.changed();
  }

  overdue(): void {
    this.calls.passHold();
    this.events.changed();
  }

  revoked(): void {
    this.events.revoked();
  }

  settled(call: PendingCall): void {
    this.calls.remove(call);
    this.events.changed();
  }

  private refusalOf({ deadline }: CallOptions, signal: CallSignal): Reply | undefined {
    if (this.closed) return { kind: 'no_session' };
    if (deadline <= this.clock.now()) return { kind: 'timed_out', sent: false };
    if (signal.aborted) return { kind: signal.reason === 'deadline' ? 'timed_out' : 'cancelled', sent: false };
    return undefined;
  }

  private send(call: PendingCall, method: string, params: JsonObject): void {
    const text = JSON.stringify({ jsonrpc: '2.0', id: call.id, method, params });
    call.line = this.outgoing.push(text, call);
    if (!call.line) call.dropUnsent(whyNotTaken(text));
  }

  private receiveLine(text: string): void {
    const value = parsed(text);
    if (value === undefined) this.countGarbage(text);
    else if (Array.isArray(value)) for (const element of value) this.receiveMessage(element, text);
    else this.receiveMessage(value, text);
  }

  private receiveMessage(value: unknown, text: string): void {
    const message = readMessage(value);
    switch (message.is) {
      case 'answer': {
        this.receiveAnswer(message.id, message.body, text.length);
        return;
      }
      case 'request': {
        this.asks.receive(message.id, message.method, message.params, this.calls.alone);
        return;
      }
      case 'notification': {
        this.receiveNotification(message.method, message.params);
        return;
      }
      case 'nonsense': {
        this.countGarbage(text);
        return;
      }
      default:
        return message satisfies never;
    }
  }

  private receiveAnswer(rawId: unknown, body: JsonObject, lineLength: number): void {
    const id = readId(rawId);
    if (id === undefined) {
      this.events.oddity('unknown_id');
      return;
    }
    if (typeof rawId === 'string') this.events.oddity('text_id');
    const call = this.calls.get(id);
    if (call) {
      this.answer(call, readAnswer(body, lineLength));
      return;
    }
    if (!this.streams.delete(id)) this.events.oddity(this.calls.strayKind(id));
  }

  private answer(call: PendingCall, reply: Reply): void {
    if (reply.kind === 'lost' && reply.reason === 'bad_reply') this.events.oddity('bad_shape', reply.detail);
    if (call.owed) this.events.oddity('late');
    call.answer(reply);
  }

  private receiveNotification(method: string, params: JsonObject): void {
    switch (method) {
      case 'notifications/progress': {
        this.receiveProgress(params);
        return;
      }
      case 'notifications/cancelled': {
        this.asks.withdraw(params.requestId);
        return;
      }
      case 'notifications/message': {
        const onLog = this.calls.alone?.options.onLog;
        if (onLog) onLog(params);
        else this.events.notification(method, params);
        return;
      }
      default: {
        this.events.notification(method, params);
        return;
      }
    }
  }

  private receiveProgress(params: JsonObject): void {
    const call = this.calls.get(readId(params.progressToken) ?? 0);
    if (!call?.callerWaits) {
      this.events.oddity('unknown_progress');
      return;
    }
    call.progress();
    call.options.onProgress?.(params);
  }

  private receiveOversize(line: OversizeLine): void {
    this.events.oddity('oversize', `${line.bytes} bytes`);
    const subject = oversizeSubject(line);
    const call = subject === undefined ? this.calls.alone : this.calls.get(subject);
    if (call) call.answer({ kind: 'lost', reason: 'reply_too_large', sent: true, detail: `a line of ${line.bytes} bytes` });
    else this.events.oddity('unattributable');
  }

  private answerAsk(id: Json, reply: AskReply): void {
    this.outgoing.push(JSON.stringify({ jsonrpc: '2.0', id, ...reply }));
  }

  private countGarbage(text: string): void {
    this.garbage += 1;
    this.events.oddity('garbage', this.garbage <= GARBAGE_SHOWN ? printable(text) : undefined);
  }
}

/** An exchange that was over before it began. */
export function over(reply: Reply): Exchange {
  const settled = Promise.resolve(reply);
  return { reply: settled, settled };
}

function whyNotTaken(text: string): Reply {
  const bytes = Buffer.byteLength(text) + 1;
  if (bytes > MAX_WAITING_BYTES)
    return { kind: 'refused', reason: 'line_too_long', detail: `a line of ${bytes} bytes`, bytes, limit: MAX_WAITING_BYTES };
  return { kind: 'refused', reason: 'stdin_full', detail: 'The child does not read its input' };
}

/** The call's own id is its token: a caller's token means nothing on a child that serves others too. */
function withProgressToken(params: JsonObject, { id, options }: PendingCall): JsonObject {
  const wanted = options.onProgress !== undefined || options.quietMs !== undefined;
  const meta = isJsonObject(params._meta) ? params._meta : {};
  if (!wanted && meta.progressToken === undefined) return params;
  const rest = Object.entries(meta).filter(([key]) => key !== 'progressToken');
  return { ...params, _meta: { ...Object.fromEntries(rest), ...(wanted && { progressToken: id }) } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Control characters escaped, so that a child cannot write lines of its own into a log. */
function printable(text: string): string {
  return JSON.stringify(text.slice(0, GARBAGE_CHARACTERS));
}
