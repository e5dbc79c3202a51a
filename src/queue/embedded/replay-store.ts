import type { Clock } from '../../call/clock.js';
import type { Timing } from '../../call/outcome.js';
import type { Ending } from '../ending.js';
import { QUEUE_RULES } from '../queue-rules.js';
import type { QueueTimes } from '../queue-times.js';

/** What is known about a request id whose call is over. Without an ending it only binds the id to its payload. */
export interface Settled {
  readonly hash: string;
  readonly seq: number;
  readonly ending?: Ending;
  readonly timing: Timing;
}

const MAX_SETTLED = 100_000;
const { mostBodyBytes, mostStoredBytes } = QUEUE_RULES;

interface Kept {
  readonly settled: Settled;
  readonly until: number;
  readonly bytes: number;
}

/**
 * Remembers how named calls ended, bounded by time, count and bytes. Calls of one time to live share a shelf: what was
 * put first leaves first, and nothing is searched.
 */
export class ReplayStore {
  private readonly repeatable = new Map<string, Kept>();
  private readonly replayed = new Map<string, Kept>();
  private readonly unknown = new Map<string, Kept>();
  private readonly shelves = [this.repeatable, this.replayed, this.unknown];
  private bytes = 0;

  constructor(
    private readonly clock: Clock,
    private readonly times: QueueTimes,
    private readonly onOmitted: () => void,
  ) {}

  get storedBytes(): number {
    return this.bytes;
  }

  find(id: string): Settled | undefined {
    for (const shelf of this.shelves) {
      const kept = shelf.get(id);
      if (kept && kept.until > this.clock.now()) return kept.settled;
    }
    return undefined;
  }

  put(id: string, kind: 'read' | 'write', settled: Settled): void {
    this.delete(id);
    const now = this.clock.now();
    this.sweep(now);
    const bytes = bodyBytes(settled.ending);
    if (bytes > mostBodyBytes || this.bytes + bytes > mostStoredBytes) {
      this.onOmitted();
      const ending: Ending | undefined = kind === 'write' ? { state: 'done', omittedBytes: bytes } : undefined;
      this.keep(id, { ...settled, ending }, 0, now);
    } else this.keep(id, settled, bytes, now);
  }

  delete(id: string): void {
    for (const shelf of this.shelves) this.drop(shelf, id);
  }

  private keep(id: string, settled: Settled, bytes: number, now: number): void {
    const { replayMs, replayUnknownMs, repeatableMs } = this.times;
    if (!settled.ending) this.repeatable.set(id, { settled, bytes, until: now + repeatableMs });
    else if (settled.ending.state === 'unknown') this.unknown.set(id, { settled, bytes, until: now + replayUnknownMs });
    else this.replayed.set(id, { settled, bytes, until: now + replayMs });
    this.bytes += bytes;
  }

  private sweep(now: number): void {
    for (const shelf of this.shelves) {
      for (const [id, { until }] of shelf) {
        if (until > now && shelf.size < MAX_SETTLED) break;
        this.drop(shelf, id);
      }
    }
  }

  private drop(shelf: Map<string, Kept>, id: string): void {
    const kept = shelf.get(id);
    if (!kept) return;
    this.bytes -= kept.bytes;
    shelf.delete(id);
  }
}

function bodyBytes(ending: Ending | undefined): number {
  return ending?.state === 'done' && 'text' in ending ? Buffer.byteLength(ending.text) : 0;
}
