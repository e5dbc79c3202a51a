import { Injectable } from '@nestjs/common';
import { hashOf } from '../call/canonical-json.js';
import type { CallPlan } from '../call/call-plan.js';
import type { Outcome } from '../call/outcome.js';
import { PRIORITIES } from '../call/priority.js';
import { AuditLog } from '../logging/audit-log.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import type { Ticket } from '../queue/work-queue.js';

/** What is written down of a call that went through the queue: a count, a line for debugging, and a row for each write. */
@Injectable()
export class CallRecord {
  constructor(
    private readonly metrics: BridgeMetrics,
    private readonly logger: BridgeLogger,
    private readonly audit: AuditLog,
  ) {}

  settled(plan: CallPlan, ticket: Ticket, outcome: Outcome): void {
    const { server, method, name, principal, requestId } = plan.call;
    const tool = method === 'tools/call' && name !== undefined ? name : method;
    this.metrics.toolCalls.inc({ upstream: server, tool, outcome: outcome.state });
    this.logger.event('DEBUG', 'call', {
      request_id: requestId,
      principal,
      upstream: server,
      tool,
      priority: PRIORITIES[plan.priority],
      outcome: outcome.state,
      queue_wait_ms: Math.round(outcome.queuedMs),
      execution_ms: Math.round(outcome.ranMs),
    });
    if (plan.kind === 'read' || ticket.how !== 'queued') return;
    this.audit.record({
      principal,
      upstream: server,
      tool,
      lockKeys: plan.locks.map(({ path }) => path.join('/')),
      argumentsHash: hashOf(plan.call.params),
      sequence: ticket.seq,
      outcome: outcome.state,
      ...(requestId !== undefined && { requestId }),
    });
  }
}
