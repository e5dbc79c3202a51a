import type { Job, Worker } from 'bullmq';

/** What BullMQ carries: the id of a request. */
export type IdJob = Job<string, null>;

export interface LaneWorkerEvents {
  /** @returns false when there is no slot for it here */
  deliver(job: IdJob): Promise<boolean>;
  putBack(job: IdJob, token: string | undefined): Promise<void>;
  /** It asks for nothing more; a slot may have come free since it was told that there is none. */
  rested(): void;
  /** To be thrown after `putBack`: BullMQ then leaves the job where it is, instead of calling it failed. */
  isBack(): Error;
  closed(): void;
}

/** BullMQ's worker of one lane, asking for as many jobs as there is room for. */
export class LaneWorker {
  private readonly worker: Worker<string, null>;
  private isResting = true;
  private room = 0;

  constructor(
    make: (take: (job: IdJob, token?: string) => Promise<null>) => Worker<string, null>,
    private readonly on: LaneWorkerEvents,
  ) {
    this.worker = make((job, token) => this.take(job, token));
  }

  onError(tell: (error: Error) => void): void {
    this.worker.on('error', tell);
  }

  /** @param room jobs that it may have at a time, the `busy` ones included */
  widen(room: number, busy: number): void {
    if (room < 1) {
      this.rest();
      return;
    }
    const wasFull = busy >= this.room && room > this.room;
    this.room = room;
    this.worker.concurrency = room;
    // one that has all it may have looks up only when a job ends, or when it is woken
    if (wasFull) this.rest();
    if (!this.isResting) return;
    this.isResting = false;
    void this.worker.resume();
  }

  /** Asks for nothing more; a job that is on its way is delivered all the same. */
  rest(): void {
    if (this.isResting) return;
    this.isResting = true;
    void this.worker.pause(true);
  }

  async close(): Promise<void> {
    this.rest();
    // without force it waits for its jobs, without limit
    await this.worker.close(true);
    this.on.closed();
  }

  private async take(job: IdJob, token: string | undefined): Promise<null> {
    if (await this.on.deliver(job)) return null;
    this.rest();
    try {
      await this.on.putBack(job, token);
    } finally {
      this.on.rested();
    }
    throw this.on.isBack();
  }
}
