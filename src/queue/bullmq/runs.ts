import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Clock } from '../../call/clock.js';
import { stopped } from '../ending.js';
import type { Observe } from '../queue-observer.js';
import type { Retries } from '../retries.js';
import type { Job, JobAbort, Verdict } from '../work-queue.js';
import type { ClusterTimes } from './cluster-times.js';
import { conclude, type Conclusion, type Returned } from './conclusion.js';
import type { Gate } from './gate.js';
import type { Leases } from './leases.js';
import { Overtime } from './overtime.js';
import type { Reporter } from './reporter.js';
import { type Assignment, Run, type RunEvents } from './run.js';

export type Consume = (job: Job) => Promise<Verdict>;

/** Which lanes: those of one consumer, or all. */
export type Where = (lane: string) => boolean;

/** The calls that this process runs, from the hand-out to the word to the gate. */
export class Runs implements RunEvents {
  private readonly running = new Set<Run>();
  /** Claims that the gate has not answered yet. */
  private readonly arrivals = new Set<{ readonly lane: string }>();
  private readonly overtime: Overtime;
  private wakers: (() => void)[] = [];
  private readonly logger = new Logger('WorkQueue');

  constructor(
    readonly clock: Clock,
    private readonly times: ClusterTimes,
    private readonly gate: Gate,
    private readonly leases: Leases,
    private readonly retries: Retries,
    private readonly reporter: Reporter,
    private readonly observe: Observe,
  ) {
    this.overtime = new Overtime(clock, times, { look: () => leases.renew(), stuck: (run, why) => void this.giveUp(run, why) });
  }

  /** Resolves when the consumer is done with it and the gate knows: then its slot is free. */
  async run(assignment: Assignment, consume: Consume): Promise<void> {
    const run = new Run(assignment, this);
    this.running.add(run);
    this.leases.hold(run);
    this.overtime.watch(run);
    try {
      await this.returned(run, await this.verdictOf(run, consume));
    } finally {
      this.running.delete(run);
      this.wake();
    }
  }

  /** Runs what a claim brings, if it brings anything; a drain waits for the claim as well. */
  async runClaimed(lane: string, claiming: Promise<Assignment | undefined>, run: (given: Assignment) => Promise<void>): Promise<void> {
    const arrival = { lane };
    this.arrivals.add(arrival);
    let running: Promise<void> | undefined;
    try {
      const assignment = await claiming;
      running = assignment && run(assignment);
    } finally {
      this.arrivals.delete(arrival);
      this.wake();
    }
    await running;
  }

  /** Handed out to a consumer that has closed meanwhile: it goes back at once. */
  async decline(assignment: Assignment): Promise<void> {
    const run = new Run(assignment, this);
    this.running.add(run);
    await this.putBack(run);
    this.running.delete(run);
    this.wake();
  }

  /** A crash of what they run on may take so many along at once. */
  allowFor(callsAtOnce: number): void {
    this.retries.allowFor(callsAtOnce);
  }

  /** Asks whether a run still has time, and tells it to end when it has none. */
  async look(run: Run): Promise<void> {
    await this.overtime.lastLook(run);
  }

  find(id: string, holder?: string): Run | undefined {
    for (const run of this.running) if (run.id === id && (holder === undefined || run.given.key.holder === holder)) return run;
    return undefined;
  }

  /** Tells a run to end. One whose time is over anyway ends for that. */
  abort(run: Run, why: JobAbort): void {
    if (run.aborted !== undefined || run.isConcluded) return;
    const isOver = why === 'cancelled' && this.clock.now() > run.deadlineAt - this.times.fenceTickMs;
    run.abort(isOver ? 'deadline' : why);
    this.overtime.stopped(run);
  }

  /**
   * Ends what runs there: what has not begun goes back at once, the rest may end until `over`, then is told to, and what
   * is still not back after the grace for that counts as stuck.
   */
  async drain(where: Where, over: AbortSignal): Promise<void> {
    for (const run of this.open(where)) if (!run.isBeginning) void this.putBack(run);
    await this.untilIdle(where, over, this.arrivals);
    for (const run of this.open(where)) this.revoke(run, 'draining');
    await this.untilIdle(where, AbortSignal.timeout(this.times.abortGraceMs));
    for (const run of this.open(where)) void this.giveUp(run, 'draining');
    await this.untilIdle(where, AbortSignal.timeout(this.times.answerMs));
  }

  isProven(run: Run): boolean {
    return this.leases.isProven(run);
  }

  async journal(run: Run): Promise<boolean> {
    return run.kind === 'read' || (await this.journalWrite(run));
  }

  lostLease(run: Run, why: 'taken' | 'fenced'): void {
    if (run.isConcluded) return;
    this.observe({ is: why === 'fenced' ? 'self_fenced' : 'lease_lost' });
    this.revoke(run, 'lease_lost');
  }

  rescheduled(run: Run): void {
    this.overtime.watch(run);
  }

  /** It may have been told to end before, and its child been given time since. */
  private revoke(run: Run, why: JobAbort): void {
    this.abort(run, why);
    run.revoked.abort();
  }

  private async verdictOf(run: Run, consume: Consume): Promise<Returned> {
    try {
      return await consume(run);
    } catch (error) {
      this.logger.error(`A run of ${run.id} threw`, error instanceof Error ? error.stack : String(error));
      return { as: 'crashed' };
    }
  }

  private async returned(run: Run, verdict: Returned): Promise<void> {
    if (run.isConcluded) {
      await this.tellLate(run, verdict);
      return;
    }
    this.close(run);
    if (run.isLost) return;
    const { kind, begun, aborted, deadlineAt, attempt } = run;
    if (begun && attempt === 1 && verdict.as !== 'put_back') this.retries.countFirstAttempt();
    const attempted = { spec: run.given, attempts: attempt, deadline: deadlineAt };
    const nextPauseMs = () => this.retries.next(attempted, this.clock.now());
    await this.tell(run, conclude(verdict, { kind, begun, ...(aborted !== undefined && { aborted }), nextPauseMs }));
  }

  /** The truth about a write that was given up; nobody is answered twice. */
  private async tellLate(run: Run, verdict: Returned): Promise<void> {
    if (run.kind === 'read' || !run.begun || (verdict.as !== 'done' && verdict.as !== 'failed')) return;
    const nextPauseMs = () => undefined;
    await this.tell(run, conclude(verdict, { kind: 'write', begun: true, nextPauseMs }));
  }

  private async journalWrite(run: Run): Promise<boolean> {
    for (;;) {
      const sentAt = this.clock.now();
      const answer = await this.gate.begin(run.given.key);
      switch (answer.as) {
        case 'go':
          run.provenAt = Math.max(run.provenAt, sentAt);
          return true;
        case 'no':
          this.observe({ is: 'refused', script: 'begin', why: answer.why });
          run.isLost = true;
          return false;
        case 'expired':
          run.isLost = true;
          this.reporter.effects(answer.effects);
          return false;
        case 'wait':
        case 'no_epoch':
          // After a restart of Redis the others are heard first; the job keeps its place.
          if (run.aborted !== undefined) return false;
          await pause(answer.as === 'wait' ? answer.ms : AFTER_NEXT_SWEEP_MS);
          break;
        default:
          return answer satisfies never;
      }
    }
  }

  /** Until all there are back and the gate knows of them, but for those that are stuck; and no `arrivals` are on their way. */
  private async untilIdle(where: Where, over: AbortSignal, arrivals: ReadonlySet<{ readonly lane: string }> = new Set()): Promise<void> {
    const isBusy = () =>
      [...this.running].some((run) => where(run.lane) && (!run.isStuck || run.isTelling)) || [...arrivals].some(({ lane }) => where(lane));
    const wake = () => this.wake();
    over.addEventListener('abort', wake);
    while (!over.aborted && isBusy()) await new Promise<void>((resolve) => this.wakers.push(resolve));
    over.removeEventListener('abort', wake);
  }

  /** Nothing has been asked to begin: its consumer is not waited for, and a `begin` of it is refused from now on. */
  private async putBack(run: Run): Promise<void> {
    this.abort(run, 'draining');
    this.close(run);
    await this.tell(run, { as: 'give_back', how: 'put_back', delayMs: 0, why: 'draining' });
  }

  /** Its slot stays taken until it is back: it may be doing anything. */
  private async giveUp(run: Run, why: JobAbort): Promise<void> {
    this.observe({ is: 'stuck' });
    this.logger.error(`A run of ${run.id} did not end in time after ${why}; its slot stays taken`);
    run.isStuck = true;
    this.close(run);
    await this.tell(run, { as: 'finish', ending: stopped(run.kind, why === 'lease_lost' ? 'deadline' : why) });
  }

  private async tell(run: Run, conclusion: Conclusion): Promise<void> {
    run.isTelling = true;
    try {
      await this.reporter.tell(run, conclusion);
    } catch (error) {
      this.logger.warn(`The gate was not told of ${run.id}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      run.isTelling = false;
      this.wake();
    }
  }

  private close(run: Run): void {
    run.isConcluded = true;
    this.leases.drop(run);
    this.overtime.forget(run);
    this.wake();
  }

  private open(where: Where): readonly Run[] {
    return [...this.running].filter(({ lane, isConcluded }) => where(lane) && !isConcluded);
  }

  private wake(): void {
    const { wakers } = this;
    this.wakers = [];
    for (const wake of wakers) wake();
  }
}

const AFTER_NEXT_SWEEP_MS = 100;
