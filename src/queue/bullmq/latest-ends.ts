import type { Clock } from '../../call/clock.js';
import type { FinishAnswer, HandOutKey } from './gate-answers.js';
import type { Ending } from './gate.js';

type Send = (key: HandOutKey, ending: Ending, origin: string) => Promise<FinishAnswer>;

interface Ended {
  readonly key: HandOutKey;
  readonly ending: Ending;
  readonly origin: string;
  readonly toldAt: number;
}

/** Longer than what Redis may hold back when it syncs once a second: two seconds, where the disk is slow. */
const KEPT_MS = 5_000;
/** Of a longer answer the state is told again, and its replay says that it was not kept. */
const MOST_BYTES = 4_096;
const MOST_KEPT = 10_000;

/**
 * The ends of writes that the gate has taken lately. A Redis that comes back without its latest seconds still takes such
 * a write for waiting, and would have it run again after its caller was told that it is done.
 */
export class LatestEnds {
  private readonly ended = new Map<string, Ended>();

  constructor(
    private readonly clock: Clock,
    private readonly send: Send,
  ) {}

  keep(key: HandOutKey, ending: Ending, origin: string): void {
    this.ended.delete(key.id);
    this.ended.set(key.id, { key, ending: shortened(ending), origin, toldAt: this.clock.now() });
    this.forgetOld();
  }

  /** Before anybody may be handed what Redis takes for waiting. What it has not forgotten stays as it is. */
  async tellAgain(): Promise<readonly FinishAnswer[]> {
    this.forgetOld();
    return Promise.all([...this.ended.values()].map(({ key, ending, origin }) => this.send(key, ending, origin)));
  }

  private forgetOld(): void {
    for (const [id, { toldAt }] of this.ended) {
      if (this.ended.size <= MOST_KEPT && this.clock.now() - toldAt < KEPT_MS) return;
      this.ended.delete(id);
    }
  }
}

function shortened({ body, ...ending }: Ending): Ending {
  if (!body) return ending;
  return { ...ending, body: body.bytes.length <= MOST_BYTES ? body : { ...body, bytes: Buffer.alloc(0) } };
}
