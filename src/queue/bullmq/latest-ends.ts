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
const MAY_BE_LOST_MS = 5_000;
/** Of a longer answer the state is told again, and its replay says that it was not kept. */
const MOST_BYTES = 4_096;
const MOST_KEPT = 10_000;

/**
 * The ends of writes that the gate has taken lately. A Redis that comes back without its latest seconds still takes such
 * a write for waiting, and would have it run again after its caller was told that it is done. How long Redis is away
 * makes none of them older: what counts is how long it lived after it was told.
 */
export class LatestEnds {
  private readonly ended = new Map<string, Ended>();

  constructor(
    private readonly clock: Clock,
    /** When that was sent which Redis has answered last, before it may have forgotten anything. */
    private readonly heardAt: () => number,
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
    return Promise.all([...this.ended.values()].map((ended) => this.sendAgain(ended)));
  }

  private async sendAgain({ key, ending, origin }: Ended): Promise<FinishAnswer> {
    const said = await this.send(key, ending, origin);
    // the next loss may be of this very word
    this.keep(key, ending, origin);
    return said;
  }

  private forgetOld(): void {
    const safeUntil = this.heardAt() - MAY_BE_LOST_MS;
    for (const [id, { toldAt }] of this.ended) {
      if (this.ended.size <= MOST_KEPT && toldAt > safeUntil) return;
      this.ended.delete(id);
    }
  }
}

function shortened({ body, ...ending }: Ending): Ending {
  if (!body) return ending;
  return { ...ending, body: body.bytes.length <= MOST_BYTES ? body : { ...body, bytes: Buffer.alloc(0) } };
}
