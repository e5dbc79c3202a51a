import { randomUUID } from 'node:crypto';
import type { CallResult } from '../call/call-plan.js';
import type { Clock } from '../call/clock.js';
import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import type { SharedState } from '../shared-state/shared-state.js';
import type { StoredAnswer } from './stored-answer.js';

/** What was current when a read began: by tag, the mark its last invalidation left; null where there was none. */
export type Marks = Readonly<Record<string, string | null>>;

/** An answer as replicas exchange it; times are wall clock, ms since 1970. */
type Envelope = {
  readonly value: CallResult;
  readonly bytes: number;
  readonly storedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly tags: readonly string[];
  readonly generations: Marks;
};

/** Longer than any answer is kept, so that a mark outlives all that it makes void. */
const MARK_TTL_MS = 26 * 3_600_000;

/** The tag that everything of an upstream carries here. */
const ALL = '';

/**
 * L2: the store that replicas share. Counts of one process mean nothing to another, so each invalidation leaves a
 * random mark under its tag, and an answer holds as long as it finds the marks that were there when its read began.
 * The store may be away: then nothing is found and nothing is kept.
 */
export class SharedLevel {
  constructor(
    private readonly shared: SharedState,
    private readonly clock: Clock,
  ) {}

  async get(key: string, server: string, since: number): Promise<StoredAnswer | undefined> {
    const envelope = await this.read(`cache:${key}`);
    if (!isEnvelope(envelope) || Date.now() >= envelope.staleUntil) return undefined;
    const marks = await this.marks(server, envelope.tags);
    if (!marks || !isSame(marks, envelope.generations)) return undefined;
    const { value, bytes, storedAt, freshUntil, staleUntil, tags } = envelope;
    const offset = this.clock.now() - Date.now();
    return {
      result: value,
      bytes,
      storedAt: storedAt + offset,
      freshUntil: freshUntil + offset,
      staleUntil: staleUntil + offset,
      server,
      tags,
      since,
    };
  }

  /** @param marks those of the moment the read began */
  async put(key: string, answer: StoredAnswer, marks: Marks): Promise<void> {
    const offset = Date.now() - this.clock.now();
    const envelope: Envelope = {
      value: answer.result,
      bytes: answer.bytes,
      storedAt: answer.storedAt + offset,
      freshUntil: answer.freshUntil + offset,
      staleUntil: answer.staleUntil + offset,
      tags: answer.tags,
      generations: marks,
    };
    await this.write(`cache:${key}`, envelope, answer.staleUntil - this.clock.now());
  }

  /** Undefined when the store cannot tell. */
  async marks(server: string, tags: readonly string[]): Promise<Marks | undefined> {
    try {
      const entries = [ALL, ...tags].map(async (tag): Promise<[string, string | null]> => {
        const mark = await this.shared.get(markKey(server, tag));
        return [tag, typeof mark === 'string' ? mark : null];
      });
      return Object.fromEntries(await Promise.all(entries));
    } catch {
      return undefined;
    }
  }

  /** @returns whether all replicas see it from now on */
  async bump(server: string, tags: readonly string[]): Promise<boolean> {
    const marked = await Promise.all(tags.map((tag) => this.write(markKey(server, tag), randomUUID(), MARK_TTL_MS)));
    return marked.every(Boolean);
  }

  bumpServer(server: string): Promise<boolean> {
    return this.bump(server, [ALL]);
  }

  private async read(key: string): Promise<Json | undefined> {
    return this.shared.get(key).catch(() => undefined);
  }

  private write(key: string, value: Json, ttlMs: number): Promise<boolean> {
    return this.shared.put(key, value, ttlMs).then(
      () => true,
      () => false,
    );
  }
}

function markKey(server: string, tag: string): string {
  return `cache-mark:${server}:${tag}`;
}

function isSame(marks: Marks, generations: Marks): boolean {
  return Object.entries(marks).every(([tag, mark]) => generations[tag] === mark);
}

function isEnvelope(value: Json | undefined): value is Envelope & JsonObject {
  return isJsonObject(value) && isJsonObject(value.value) && Array.isArray(value.tags) && typeof value.staleUntil === 'number';
}
