import { Injectable } from '@nestjs/common';
import { BridgeError } from '../call/bridge-error.js';
import { hashOf } from '../call/canonical-json.js';
import type { CallPlan } from '../call/call-plan.js';
import type { Outcome } from '../call/outcome.js';
import { PRIORITIES } from '../call/priority.js';
import type { ToolCall } from '../call/tool-call.js';
import { AuditLog } from '../logging/audit-log.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { LoggingConfig } from '../logging/logging.config.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import type { Ticket } from '../queue/work-queue.js';
import { SessionPool } from '../session-pool/session-pool.js';

/** What is written down of a call that wanted to run: a count, a line for debugging, and a row for each write. */
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
    this.count(plan, outcome.state);
    if (this.logger.isDebug) this.log(plan, outcome);
    if (ticket.how === 'queued') this.write(plan, outcome.state, ticket.seq);
  }

  /** The queue never took it: the breaker was open, or there was no room, or its acceptance was lost. */
  refused(plan: CallPlan, error: unknown): void {
    const isUnknown = plan.kind !== 'read' && error instanceof BridgeError && error.data.outcome === 'unknown';
    const outcome = isUnknown ? 'unknown' : 'not_started';
    this.count(plan, outcome);
    this.write(plan, outcome);
  }

  private count({ call }: CallPlan, outcome: Outcome['state']): void {
    const { server, method, name } = call;
    const tool = method === 'tools/call' && name !== undefined ? this.pool.catalog(server).labelOf(name) : method;
    this.metrics.toolCalls.inc({ upstream: server, tool, outcome });
  }

  private write({ kind, call, locks }: CallPlan, outcome: Outcome['state'], sequence?: number): void {
    if (kind === 'read') return;
    const { principal, server, params, requestId } = call;
    this.audit.record({
      principal,
      upstream: server,
      tool: toolOf(call),
      lockKeys: locks.map(({ path }) => path.join('/')),
      argumentsHash: hashOf(params),
      ...(sequence !== undefined && { sequence }),
      outcome,
      ...(requestId !== undefined && { requestId }),
    });
  }

  private log({ call, priority }: CallPlan, { state, queuedMs, ranMs }: Outcome): void {
    this.logger.event('DEBUG', 'call', {
      request_id: call.requestId,
      client_id: call.clientId,
      principal: call.principal,
      upstream: call.server,
      tool: toolOf(call),
      priority: PRIORITIES[priority],
      outcome: state,
      queue_wait_ms: Math.round(queuedMs),
      execution_ms: Math.round(ranMs),
      trace_id: call.trace?.traceId,
      ...(this.config.arguments ? { arguments: call.params.arguments } : { arguments_hash: hashOf(call.params) }),
    });
  }
}

function toolOf({ method, name }: ToolCall): string {
  return method === 'tools/call' && name !== undefined ? name : method;
}
