import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Redis as Connection } from 'ioredis';

/** Half-open sockets are silent; the socket's timeout ends one that does not answer. */
const SIGN_OF_LIFE_MS = 5000;
const ECHO_WITHIN_MS = 1500;

/**
 * Messages among replicas, over one connection that all parts of this process share. Names of channels are complete:
 * publish/subscribe knows no databases, and scripts publish too. A message reaches each subscriber at most once, and
 * those that come while the connection is broken are lost: then `onGap` says so.
 */
export class Channels {
  private readonly subscribers = new Map<string, Set<Subscriber>>();
  private readonly haveGap = new Set<Subscriber>();
  private readonly logger = new Logger('Redis');
  private readonly signOfLife: NodeJS.Timeout;

  /** @param tag begins the names of our own channels */
  constructor(
    private readonly sub: Connection,
    private readonly command: Connection,
    private readonly tag: string,
  ) {
    sub.on('messageBuffer', (channel: Buffer, message: Buffer) => this.deliver(channel.toString(), message));
    this.signOfLife = setInterval(() => {
      if (sub.status === 'ready') void sub.ping().catch(noop);
    }, SIGN_OF_LIFE_MS).unref();
  }

  /** @returns how many connections heard it. Rejects when Redis did not take it. */
  publish(channel: string, message: string | Buffer): Promise<number> {
    return this.command.publish(channel, message);
  }

  /**
   * @param onGap the connection was broken: messages may have been missed
   * @returns ends the subscription
   */
  subscribe(channel: string, onMessage: (message: Buffer) => void, onGap: () => void): () => void {
    const subscriber = { channel, onMessage, onGap };
    const others = this.subscribers.get(channel);
    const all = others ?? new Set();
    this.subscribers.set(channel, all.add(subscriber));
    // without a connection it is one of those that `restore` asks for
    if (!others && this.sub.status === 'ready') void this.sub.subscribe(channel).catch(noop);
    return () => {
      this.haveGap.delete(subscriber);
      if (!all.delete(subscriber) || all.size > 0 || this.subscribers.get(channel) !== all) return;
      this.subscribers.delete(channel);
      if (this.sub.status === 'ready') void this.sub.unsubscribe(channel).catch(noop);
    };
  }

  /** On a new connection: subscribes to everything again. */
  async restore(): Promise<void> {
    const waiting = [...this.subscribers];
    if (waiting.length === 0) return;
    await this.sub.subscribe(...waiting.map(([channel]) => channel));
    for (const [, subscribers] of waiting) for (const subscriber of subscribers) this.haveGap.add(subscriber);
  }

  /** After `restore`, once Redis may be used again: whoever hears of a gap may want to ask or tell. */
  tellGaps(): void {
    const subscribers = [...this.haveGap];
    this.haveGap.clear();
    for (const { channel, onGap } of subscribers) this.guarded(channel, onGap);
  }

  /** Resolves when a message published now has come back: whatever was subscribed and published before is through. */
  async echo(): Promise<void> {
    const channel = `${this.tag}:echo:${randomUUID()}`;
    let heard: () => void = noop;
    let late: NodeJS.Timeout | undefined;
    const back = new Promise<void>((resolve, reject) => {
      heard = resolve;
      late = setTimeout(() => reject(new Error('a published message did not come back')), ECHO_WITHIN_MS).unref();
    });
    const end = this.subscribe(channel, () => heard(), noop);
    try {
      await Promise.race([
        back,
        this.sub
          .ping()
          .then(() => this.publish(channel, ''))
          .then(() => back),
      ]);
    } finally {
      clearTimeout(late);
      end();
    }
  }

  close(): void {
    clearInterval(this.signOfLife);
    this.subscribers.clear();
  }

  private deliver(channel: string, message: Buffer): void {
    for (const { onMessage } of [...(this.subscribers.get(channel) ?? [])]) this.guarded(channel, () => onMessage(message));
  }

  private guarded(channel: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.logger.error(`A subscriber of ${channel} threw`, error instanceof Error ? error.stack : String(error));
    }
  }
}

interface Subscriber {
  readonly channel: string;
  readonly onMessage: (message: Buffer) => void;
  readonly onGap: () => void;
}

/** A broken connection is noticed by its own events. */
function noop(): void {
  return undefined;
}
