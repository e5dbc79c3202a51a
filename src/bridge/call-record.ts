import { Injectable } from '@nestjs/common';
import { hashOf } from '../call/canonical-json.js';
import type { CallPlan } from '../call/call-plan.js';
import type { Outcome } from '../call/outcome.js';
import { PRIORITIES } from '../call/priority.js';
import { AuditLog } from '../logging/audit-log.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { LoggingConfig } from '../logging/logging.config.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import type { Ticket } from '../queue/work-queue.js';
import { SessionPool } from '../session-pool/session-pool.js';

/** What is written down of a call that went through the queue: a count, a line for debugging, and a row for each write. */
@Injectable()
export class CallRecord {
  constructor(
    private readonly metrics: BridgeMetrics,
    private readonly logger: BridgeLogger,
    private readonly audit: AuditLog,
    private readonly pool: SessionPool,
    private readonly config: LoggingConfig,
  ) {}

  settled(plan: CallPlan, ticket: Ticket, outcome: Outcome): void {
    const { server, method, name, principal, requestId } = plan.call;
    const isTool = method === 'tools/call' && name !== undefined;
    const label = isTool ? this.pool.catalog(server).labelOf(name) : method;
    this.metrics.toolCalls.inc({ upstream: server, tool: label, outcome: outcome.state });
    const tool = isTool ? name : method;
    if (this.logger.isDebug) this.log(plan, tool, outcome);
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

  private log({ call, priority }: CallPlan, tool: string, { state, queuedMs, ranMs }: Outcome): void {
    this.logger.event('DEBUG', 'call', {
      request_id: call.requestId,
      client_id: call.clientId,
      principal: call.principal,
      upstream: call.server,
      tool,
      priority: PRIORITIES[priority],
      outcome: state,
      queue_wait_ms: Math.round(queuedMs),
      execution_ms: Math.round(ranMs),
      ...(this.config.arguments ? { arguments: call.params.arguments } : { arguments_hash: hashOf(call.params) }),
    });
  }
}
