import { Injectable } from '@nestjs/common';
import { PRIORITIES } from '../call/priority.js';
import { type QueueEvent, QueueObserver } from '../queue/queue-observer.js';
import { boundedLabel } from './bounded-label.js';
import { BridgeMetrics } from './bridge-metrics.js';

/** Why nobody knows how a write ended, in words of ours; an upstream may have any word of its own. */
const WHY: ReadonlySet<string> = new Set([
  ...['', 'deadline', 'cancelled', 'draining', 'timed_out'],
  ...['exit', 'stdin', 'killed', 'bad_reply', 'reply_too_large', 'internal_error'],
  ...['lost', 'lease_lost', 'lease_over', 'replica_unheard', 'store_away', 'store_lost_data'],
]);

const DAY_MS = 86_400_000;
/** Weight of the newest wait in the mean that people are shown. */
const NEWEST = 0.05;

/** Counts what happens in the queue, for the scrape and for the status page. */
@Injectable()
export class QueueFigures extends QueueObserver {
  /** Mean wait of recent calls. */
  avgWaitMs = 0;
  /** Most calls that waited at once, seen when each was accepted; a scrape would miss what comes and goes between two. */
  mostWaiting = 0;
  private day = 0;
  private ofDay = 0;

  constructor(private readonly metrics: BridgeMetrics) {
    super();
  }

  /** Since 00:00 UTC. */
  get completedToday(): number {
    this.turnDay();
    return this.ofDay;
  }

  override observe(event: QueueEvent): void {
    switch (event.is) {
      case 'accepted': {
        this.metrics.queueAccepted.inc({ how: event.how });
        if (event.waiting !== undefined && event.waiting > this.mostWaiting) this.mostWaiting = event.waiting;
        return;
      }
      case 'settled': {
        this.settled(event);
        return;
      }
      case 'parked': {
        this.metrics.queueParkedTime.observe({ class: PRIORITIES[event.priority] }, event.ms / 1000);
        return;
      }
      case 'retried': {
        this.metrics.queueRetries.inc({ why: event.why });
        return;
      }
      case 'aged': {
        this.metrics.queueAged.inc({});
        return;
      }
      case 'stuck': {
        this.metrics.queueStuckHandlers.inc({});
        return;
      }
      case 'late_outcome': {
        this.metrics.queueLateOutcomes.inc({});
        return;
      }
      case 'omitted_body': {
        this.metrics.queueOmittedBodies.inc({});
        return;
      }
      case 'put_back':
        return;
      case 'refused': {
        this.metrics.queueRefused.inc({ script: event.script, why: event.why });
        return;
      }
      case 'reoffered': {
        this.metrics.queueReoffered.inc({});
        return;
      }
      case 'swept': {
        this.metrics.queueSwept.inc({ what: event.what }, event.count);
        return;
      }
      case 'lease_lost': {
        this.metrics.queueLeaseLost.inc({});
        return;
      }
      case 'self_fenced': {
        this.metrics.queueSelfFenced.inc({});
        return;
      }
      case 'reconciled': {
        this.metrics.queueReconciled.inc({});
        return;
      }
      case 'roll_call': {
        this.metrics.queueRollCalls.inc({ why: event.why });
        return;
      }
      case 'forged': {
        this.metrics.queueForged.inc({});
        return;
      }
      case 'replied': {
        this.metrics.queueReplyLag.observe({}, event.lagMs / 1000);
        return;
      }
      case 'script': {
        this.metrics.queueScriptTime.observe({ script: event.name }, event.ms / 1000);
        return;
      }
      default:
        return event satisfies never;
    }
  }

  private settled({ kind, priority, state, why, waitedMs, ranMs }: Extract<QueueEvent, { is: 'settled' }>): void {
    this.turnDay();
    this.ofDay += 1;
    this.avgWaitMs += NEWEST * (waitedMs - this.avgWaitMs);
    this.metrics.queueSettled.inc({ kind, state, why: boundedLabel(why, WHY) });
    this.metrics.queueWaitTime.observe({ class: PRIORITIES[priority] }, waitedMs / 1000);
    if (ranMs > 0) this.metrics.queueRunTime.observe({ kind }, ranMs / 1000);
  }

  private turnDay(): void {
    const today = Math.floor(Date.now() / DAY_MS);
    if (today === this.day) return;
    this.day = today;
    this.ofDay = 0;
  }
}
