import { CallAbort } from '../../call/call-signal.js';
import type { Json } from '../../call/json.js';
import { jsonCopy } from '../../call/json-copy.js';
import type { Priority } from '../../call/priority.js';
import type { Job, JobAbort } from '../work-queue.js';
import type { Request } from './request.js';

export interface HandOutEvents {
  readonly mayBegin: (request: Request, handOut: HandOut) => boolean;
}

/** One hand-out of a request to a consumer; the request knows its latest, so an older one is told no. */
export class HandOut implements Job {
  readonly id: string;
  readonly seq: number;
  readonly lane: string;
  readonly kind: 'read' | 'write';
  readonly payload: Json;
  readonly attempt: number;
  readonly remainingMs: number;
  readonly priority: Priority;
  begun = false;
  readonly signal = new CallAbort<JobAbort>();
  readonly revoked = new CallAbort();

  constructor(
    private readonly request: Request,
    now: number,
    private readonly on: HandOutEvents,
  ) {
    const { spec, seq, payload, attempts, deadline } = request;
    this.id = spec.key.id;
    this.seq = seq;
    this.lane = spec.lane;
    this.kind = spec.kind;
    this.payload = jsonCopy(payload);
    this.attempt = attempts + 1;
    this.remainingMs = deadline - now;
    this.priority = request.acceptedClass;
  }

  begin(): Promise<boolean> {
    return Promise.resolve(this.begun ? this.held() : this.on.mayBegin(this.request, this));
  }

  /** No lease to lose in one process: it holds until the request is settled, handed out again, or told to end. */
  held(): boolean {
    return this.request.handOut === this && this.begun && !this.signal.aborted;
  }
}
