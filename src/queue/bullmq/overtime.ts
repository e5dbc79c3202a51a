import type { Clock } from '../../call/clock.js';
import { inTime } from '../../call/in-time.js';
import type { JobAbort } from '../work-queue.js';
import type { ClusterTimes } from './cluster-times.js';
import type { Run } from './run.js';

export interface OvertimeEvents {
  /** Asks once more how long the run may take; never rejects, and may never resolve. */
  look(): Promise<unknown>;
  /** Told to end, given all its grace, and still not back. */
  stuck(run: Run, why: JobAbort): void;
}

/** Sees to it that runs end: told to at the deadline, and called stuck, a bug of ours, when hold and grace have passed as well. */
export class Overtime {
  private readonly timers = new Map<Run, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly times: Pick<ClusterTimes, 'answerMs' | 'abortGraceMs' | 'neighbourMs'>,
    private readonly on: OvertimeEvents,
  ) {}

  /** From the beginning, and anew whenever the deadline has moved. */
  watch(run: Run): void {
    if (run.isConcluded || run.aborted !== undefined) return;
    this.set(run, Math.max(0, run.deadlineAt - this.clock.now()), () => void this.lastLook(run));
  }

  /** It was told to end. Its lines wait for it, in the end until this says that it is stuck. */
  stopped(run: Run): void {
    const { aborted = 'deadline', kind, given } = run;
    const holdMs = kind === 'write' && aborted === 'deadline' ? given.holdMs + this.times.neighbourMs : 0;
    this.set(run, holdMs + this.times.abortGraceMs, () => this.on.stuck(run, aborted));
  }

  forget(run: Run): void {
    this.timers.get(run)?.();
    this.timers.delete(run);
  }

  /** A patient joiner may have given it more time, unknown to us until we ask. */
  async lastLook(run: Run): Promise<void> {
    await inTime(this.on.look(), this.times.answerMs);
    if (run.isConcluded || run.aborted !== undefined) return;
    if (run.deadlineAt > this.clock.now()) {
      this.watch(run);
      return;
    }
    run.abort('deadline');
    this.stopped(run);
  }

  private set(run: Run, ms: number, callback: () => void): void {
    this.timers.get(run)?.();
    this.timers.set(run, this.clock.after(ms, callback));
  }
}
