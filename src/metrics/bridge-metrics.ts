import { Injectable } from '@nestjs/common';
import { counter, gauge, histogram } from './metric.js';

/**
 * The metrics that events drive; those that read a state are in `gauges.ts`.
 * Label values come from the configuration, the catalog of tools or a fixed list; anything else is `other`.
 */
@Injectable()
export class BridgeMetrics {
  readonly requests = counter('bridge_requests_total');
  readonly requestDuration = histogram('bridge_request_duration_seconds');
  readonly responses = counter('bridge_responses_total');
  readonly errors = counter('bridge_errors_total');
  readonly rateLimitExceeded = counter('bridge_rate_limit_exceeded_total');
  readonly authFailures = counter('bridge_auth_failures_total');
  readonly authDisabled = gauge('bridge_auth_disabled');

  readonly toolCalls = counter('bridge_tool_calls_total');
  readonly mcpResponseTime = histogram('bridge_mcp_response_time_seconds');
  readonly staleAnswers = counter('bridge_stale_answers_total');

  readonly queueWaitTime = histogram('bridge_queue_wait_time_seconds');
  readonly queueParkedTime = histogram('bridge_queue_parked_seconds');
  readonly queueRunTime = histogram('bridge_queue_run_seconds');
  readonly queueReplyLag = histogram('bridge_queue_reply_lag_seconds');
  readonly queueScriptTime = histogram('bridge_queue_script_seconds');
  readonly queueAccepted = counter('bridge_queue_accepted_total');
  readonly queueSettled = counter('bridge_queue_settled_total');
  readonly queueRefused = counter('bridge_queue_refused_total');
  readonly queueReoffered = counter('bridge_queue_reoffered_total');
  readonly queueAged = counter('bridge_queue_aged_total');
  readonly queueRetries = counter('bridge_queue_retries_total');
  readonly queueSwept = counter('bridge_queue_swept_total');
  readonly queueLeaseLost = counter('bridge_queue_lease_lost_total');
  readonly queueSelfFenced = counter('bridge_queue_self_fenced_total');
  readonly queueLateOutcomes = counter('bridge_queue_late_outcomes_total');
  readonly queueReconciled = counter('bridge_queue_reconciled_total');
  readonly queueOmittedBodies = counter('bridge_queue_omitted_bodies_total');
  readonly queueRollCalls = counter('bridge_queue_roll_calls_total');
  readonly queueForged = counter('bridge_queue_forged_total');
  readonly queueStuckHandlers = counter('bridge_queue_stuck_handlers_total');

  readonly sessionWait = histogram('bridge_session_wait_seconds');
  readonly childStarts = counter('bridge_child_starts_total');
  readonly childExits = counter('bridge_child_exits_total');
  readonly childProtocolErrors = counter('bridge_child_protocol_errors_total');
  readonly quarantines = counter('bridge_quarantines_total');
  readonly catalogChanges = counter('bridge_catalog_changes_total');
  readonly breakerTransitions = counter('bridge_breaker_transitions_total');

  readonly cacheHits = counter('bridge_cache_hits_total');
  readonly cacheMisses = counter('bridge_cache_misses_total');
  readonly cacheEvictions = counter('bridge_cache_evictions_total');
  readonly cacheInvalidations = counter('bridge_cache_invalidations_total');

  readonly sharedStoreTime = histogram('bridge_shared_store_seconds');
  readonly queueLimit = gauge('bridge_queue_limit');
  readonly draining = gauge('bridge_draining');
  readonly buildInfo = gauge('bridge_build_info');
  readonly logLinesDropped = counter('bridge_log_lines_dropped_total');
}
