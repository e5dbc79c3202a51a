import { Logger } from '@nestjs/common';
import type { Clock } from '../../call/clock.js';
import { type RunEnding, stopped } from '../ending.js';
import type { Observe } from '../queue-observer.js';
import type { ClusterTimes } from './cluster-times.js';
import type { Conclusion } from './conclusion.js';
import type { Effects, FinishAnswer } from './gate-answers.js';
import type { Ending, Gate } from './gate.js';
import { LatestEnds } from './latest-ends.js';
import { packBody } from './outcome-body.js';
import type { Run } from './run.js';
import type { Reply } from './waiting-callers.js';

export interface ReporterEvents {
  /** For the callers of this process: `finish` sends a message to the replicas of all others. */
  settled(reply: Reply): void;
  effects(effects: Effects): void;
  /** As `Sweeper.heardAt`. */
  heardAt(): number;
}

/** Tells the gate what became of a run, and the callers here what the gate made of it. */
export class Reporter {
  private readonly latest: LatestEnds;
  private readonly logger = new Logger('WorkQueue');

  constructor(
    private readonly gate: Gate,
    private readonly clock: Clock,
    private readonly times: Pick<ClusterTimes, 'answerMs'>,
    private readonly observe: Observe,
    private readonly on: ReporterEvents,
  ) {
    this.latest = new LatestEnds(
      clock,
      () => on.heardAt(),
      (key, ending, origin) => gate.finish(key, ending, origin),
    );
  }

  effects(effects: Effects): void {
    this.on.effects(effects);
  }

  /** Redis may have forgotten what it took lately. Rejects as `tell`. */
  async tellAgain(): Promise<void> {
    for (const said of await this.latest.tellAgain()) if (said.as === 'ok') this.on.effects(said.effects);
  }

  /** Rejects only when this process gives up its connection. */
  async tell(run: Run, conclusion: Conclusion): Promise<void> {
    switch (conclusion.as) {
      case 'finish':
        await this.finish(run, conclusion.ending);
        return;
      case 'cancel':
        await this.cancel(run);
        return;
      case 'give_back':
        await this.giveBack(run, conclusion);
        return;
      default:
        conclusion satisfies never;
    }
  }

  /** The callers of a run that has told its truth do not wait for a Redis that is away. */
  private async finish(run: Run, ending: RunEnding): Promise<void> {
    const { id, seq, timing } = run;
    const backAt = this.clock.now();
    const answer = () => this.on.settled({ id, seq, ending, timing });
    const stopWaiting = this.clock.after(this.times.answerMs, answer);
    try {
      const said = await this.send(run, ending);
      if (said.as === 'ok') {
        const { attempts, queuedMs, ranMs } = said.settlement;
        this.on.settled({ id, seq, ending, timing: { attempts, queuedMs, ranMs } });
        this.observe({ is: 'replied', lagMs: this.clock.now() - backAt });
        if (said.settlement.body === 'omitted') this.observe({ is: 'omitted_body' });
        this.on.effects(said.effects);
      } else this.refused(said, answer);
    } finally {
      stopWaiting();
    }
  }

  private async cancel(run: Run): Promise<void> {
    const { begun, ranMs } = run;
    const said = await this.gate.finish(run.given.key, { state: 'cancelled', why: 'cancelled', begun, ranMs }, run.given.origin);
    const { id, seq, timing } = run;
    if (said.as === 'ok') {
      this.on.settled({ id, seq, ending: stopped('read', 'cancelled'), timing });
      this.on.effects(said.effects);
    } else this.refused(said, () => this.on.settled({ id, seq, ending: stopped('read', 'cancelled'), timing }));
  }

  private refused(said: Exclude<FinishAnswer, { as: 'ok' }>, answer: () => void): void {
    switch (said.as) {
      case 'again':
        this.on.effects(said.effects);
        return;
      case 'late':
        this.observe({ is: 'late_outcome' });
        return;
      case 'gone':
        // nobody else can tell
        answer();
        return;
      case 'no':
        this.observe({ is: 'refused', script: 'finish', why: said.why });
        return;
      default:
        said satisfies never;
    }
  }

  private async giveBack(run: Run, conclusion: Extract<Conclusion, { as: 'give_back' }>): Promise<void> {
    const { how, delayMs } = conclusion;
    this.observe(how === 'retry' ? { is: 'retried', why: conclusion.error.name } : { is: 'put_back', why: conclusion.why });
    const said = await this.gate.giveBack(run.given.key, { as: how, delayMs, ranMs: run.ranMs });
    if (said.as !== 'no') this.on.effects(said.effects);
    else if (said.why === 'too_late' && how === 'retry') {
      await this.finish(run, { state: 'failed', error: conclusion.error, begun: run.begun });
    } else this.observe({ is: 'refused', script: 'giveBack', why: said.why });
  }

  private async send(run: Run, ending: RunEnding): Promise<FinishAnswer> {
    const { key, origin } = run.given;
    const record = await recordOf(ending, run);
    const said = await this.gate.finish(key, record, origin);
    if (said.as === 'ok' && run.kind === 'write' && run.begun) this.latest.keep(key, record, origin);
    return said;
  }
}

async function recordOf(ending: RunEnding, { kind, aborted, begun, ranMs }: Run): Promise<Ending> {
  switch (ending.state) {
    case 'done':
      return { state: 'done', why: '', begun, ranMs, ...('result' in ending && { body: await packBody(ending.result) }) };
    case 'failed': {
      const why = kind === 'read' && aborted === 'deadline' ? aborted : ending.error.name;
      return { state: 'failed', why, begun, ranMs, body: await packBody(ending.error) };
    }
    case 'unknown':
      return { state: 'unknown', why: ending.reason, begun, ranMs };
    default:
      return ending satisfies never;
  }
}
