import type { ChildExit } from './child-exit.js';
import type { Oddity } from './exchange.js';

/** Who counts what happens in the pool; the first argument is always the upstream. */
export abstract class PoolObserver {
  /** @param outcome `ready`, else why it did not become ready */
  abstract childStarted(server: string, outcome: string): void;
  /** @param reason `asked`: we ended it */
  abstract childExited(server: string, reason: ChildExit['reason'] | 'asked'): void;
  /**
   * `catalog_drift`: two children of one upstream, or one over time, list different tools. `unsayable_name`: it lists some
   * that are not offered for their names.
   */
  abstract oddity(server: string, kind: Oddity | 'catalog_drift' | 'list_cut_short' | 'unsayable_name'): void;
  abstract quarantined(server: string): void;
  abstract waitedForSession(server: string, waitedMs: number): void;
  abstract catalogChanged(server: string): void;
}
