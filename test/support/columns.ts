import { QueueConfig } from '../../src/queue/queue.config.js';
import { EmbeddedWorkQueue } from '../../src/queue/embedded/embedded-work-queue.js';
import type { WorkQueue } from '../../src/queue/work-queue.js';
import { MemorySharedState } from '../../src/shared-state/memory-shared-state.js';
import type { SharedState } from '../../src/shared-state/shared-state.js';

/** One way to run the bridge, seen through its ports: what a contract suite runs against. */
export interface Column {
  readonly name: string;
  create(options: ColumnOptions): Promise<WorkQueue>;
  createState(): Promise<SharedState>;
  /** Resolves when whatever follows from the past by itself, timers aside, has happened. */
  quiet(): Promise<void>;
}

export interface ColumnOptions {
  readonly config?: Partial<QueueConfig>;
  readonly times?: { readonly abortGraceMs?: number; readonly neighbourMs?: number; readonly ageingEveryMs?: number };
  /** False: the negative control. */
  readonly locks?: boolean;
}

export const embedded: Column = {
  name: 'embedded',
  create: ({ config, times, locks }) => Promise.resolve(new EmbeddedWorkQueue(Object.assign(new QueueConfig(), config), { times, locks })),
  createState: () => Promise.resolve(new MemorySharedState()),
  async quiet() {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  },
};
