/** Where an answer was found: this process, or the store that replicas share. */
export type CacheLevelName = 'l1' | 'l2';

/** Hears what happens in the cache; metrics count it. */
export abstract class CacheObserver {
  abstract hit(level: CacheLevelName): void;
  abstract miss(level: CacheLevelName): void;
  /** An answer was dropped before its time: for `space`, or because it had become `stale`. */
  abstract evicted(reason: 'space' | 'stale'): void;
  abstract invalidated(cause: string): void;
}

/** For a process in which nobody counts. */
class SilentObserver extends CacheObserver {
  override hit = () => undefined;
  override miss = () => undefined;
  override evicted = () => undefined;
  override invalidated = () => undefined;
}

export const SILENT: CacheObserver = new SilentObserver();
