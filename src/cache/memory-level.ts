import { LRUCache } from 'lru-cache';
import type { Clock } from '../call/clock.js';
import type { StoredAnswer } from './stored-answer.js';

/** L1: this process's own memory, bounded in entries and in bytes. */
export class MemoryLevel {
  private readonly answers: LRUCache<string, StoredAnswer>;

  constructor(
    readonly maxEntries: number,
    maxBytes: number,
    private readonly clock: Clock,
    onEvicted: () => void,
  ) {
    this.answers = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      maxEntrySize: maxBytes,
      sizeCalculation: ({ bytes }, key) => bytes + key.length + ENTRY_OVERHEAD_BYTES,
      disposeAfter: (_answer, _key, reason) => {
        if (reason === 'evict') onEvicted();
      },
    });
  }

  get(key: string): StoredAnswer | undefined {
    const answer = this.answers.get(key);
    if (!answer || this.clock.now() < answer.staleUntil) return answer;
    this.answers.delete(key);
    return undefined;
  }

  put(key: string, answer: StoredAnswer): void {
    this.answers.set(key, answer);
  }

  delete(key: string): void {
    this.answers.delete(key);
  }

  clear(): void {
    this.answers.clear();
  }

  get entries(): number {
    return this.answers.size;
  }

  get bytes(): number {
    return this.answers.calculatedSize;
  }
}

/** About what an entry costs beside its text. */
const ENTRY_OVERHEAD_BYTES = 500;
