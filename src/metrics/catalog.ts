/** What one metric is: everything that a scrape, the documentation and the code must agree on. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
  /** How the numbers of several processes are one; sums unless said. What all of them read from the shared store is no sum. */
  readonly over?: 'max' | 'min' | 'average';
}

const RESPONSE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 2.5, 5, 10];
const WAIT_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30];
const UPSTREAM_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];
const SHORT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Every metric of the bridge's own; the process and nodejs defaults come on top. Units are in the names. */
export const METRICS = {
  bridge_requests_total: { type: 'counter', help: 'HTTP requests', labels: ['method', 'endpoint'] },
  bridge_request_duration_seconds: {
    type: 'histogram',
    help: 'Duration of HTTP requests',
    labels: ['method', 'endpoint'],
    buckets: RESPONSE_SECONDS,
  },
  bridge_requests_per_second: { type: 'gauge', help: 'HTTP requests per second over the last 60 s' },
  bridge_responses_total: { type: 'counter', help: 'HTTP responses', labels: ['endpoint', 'status'] },
  bridge_errors_total: { type: 'counter', help: 'Errors answered, by name of the error code', labels: ['type', 'severity'] },
  bridge_rate_limit_exceeded_total: { type: 'counter', help: 'Requests refused by the rate limit' },
  bridge_auth_failures_total: { type: 'counter', help: 'Requests refused at the door', labels: ['reason'] },
  bridge_auth_disabled: { type: 'gauge', help: '1 while other machines may call without a key', over: 'max' },

  bridge_tool_calls_total: { type: 'counter', help: 'Tool calls by outcome', labels: ['upstream', 'tool', 'outcome'] },
  bridge_mcp_response_time_seconds: {
    type: 'histogram',
    help: 'Time an upstream took to answer',
    labels: ['upstream', 'tool'],
    buckets: UPSTREAM_SECONDS,
  },
  bridge_stale_answers_total: {
    type: 'counter',
    help: 'Answers given past their time, because the upstream was unavailable',
    labels: ['upstream'],
  },

  bridge_queue_size: { type: 'gauge', help: 'Calls that wait', over: 'max' },
  bridge_queue_size_current: { type: 'gauge', help: 'Calls that wait; the same as bridge_queue_size', over: 'max' },
  bridge_queue_size_max: { type: 'gauge', help: 'Most calls seen waiting since the start', over: 'max' },
  bridge_queue_limit: { type: 'gauge', help: 'Calls that may wait: queue.max_size', over: 'max' },
  bridge_queue_waiting: { type: 'gauge', help: 'Calls that wait, by class', labels: ['class'], over: 'max' },
  bridge_queue_parked: { type: 'gauge', help: 'Waiting calls that may not run yet, and why', labels: ['why'], over: 'max' },
  bridge_queue_running: { type: 'gauge', help: 'Calls that run', over: 'max' },
  bridge_queue_slots: { type: 'gauge', help: 'Calls that may run at once', labels: ['lane'], over: 'max' },
  bridge_queue_oldest_wait_seconds: { type: 'gauge', help: 'How long the oldest call has waited', over: 'max' },
  bridge_queue_stored_bytes: { type: 'gauge', help: 'Bytes of calls in the store', over: 'max' },
  bridge_queue_wait_time_seconds: {
    type: 'histogram',
    help: 'Time from acceptance to the start',
    labels: ['class'],
    buckets: WAIT_SECONDS,
  },
  bridge_queue_parked_seconds: {
    type: 'histogram',
    help: 'Part of the wait owed to locks and fair share',
    labels: ['class'],
    buckets: WAIT_SECONDS,
  },
  bridge_queue_run_seconds: { type: 'histogram', help: 'Time from the start to the verdict', labels: ['kind'], buckets: UPSTREAM_SECONDS },
  bridge_queue_reply_lag_seconds: { type: 'histogram', help: 'Time from the verdict to the waiting caller', buckets: SHORT_SECONDS },
  bridge_queue_script_seconds: { type: 'histogram', help: 'Duration of scripts in the store', labels: ['script'], buckets: SHORT_SECONDS },
  bridge_queue_accepted_total: { type: 'counter', help: 'Calls offered to the queue, and how it took them', labels: ['how'] },
  bridge_queue_settled_total: { type: 'counter', help: 'Calls that ended', labels: ['kind', 'state', 'why'] },
  bridge_queue_refused_total: { type: 'counter', help: 'Steps that a script refused', labels: ['script', 'why'] },
  bridge_queue_reoffered_total: { type: 'counter', help: 'Calls offered to a worker again' },
  bridge_queue_aged_total: { type: 'counter', help: 'Calls moved up for their age' },
  bridge_queue_retries_total: { type: 'counter', help: 'Reads tried again', labels: ['why'] },
  bridge_queue_swept_total: { type: 'counter', help: 'Leftovers cleared away', labels: ['what'] },
  bridge_queue_lease_lost_total: { type: 'counter', help: 'Running calls whose lease was lost' },
  bridge_queue_self_fenced_total: { type: 'counter', help: 'Times this replica stopped by itself because its leases were in doubt' },
  bridge_queue_late_outcomes_total: { type: 'counter', help: 'Verdicts that came after the call had ended' },
  bridge_queue_reconciled_total: { type: 'counter', help: 'Outcomes found by asking, after their message was lost' },
  bridge_queue_omitted_bodies_total: { type: 'counter', help: 'Results too large to keep for a replay' },
  bridge_queue_roll_calls_total: { type: 'counter', help: 'Times all replicas told again what they wait for', labels: ['why'] },
  bridge_queue_forged_total: { type: 'counter', help: 'Records in the store that no replica of ours wrote' },
  bridge_queue_stuck_handlers_total: { type: 'counter', help: 'Running calls that did not end when told to' },

  bridge_active_sessions: { type: 'gauge', help: 'MCP sessions in use' },
  bridge_session_pool_utilization: { type: 'gauge', help: 'Sessions in use, in percent', over: 'average' },
  bridge_sessions: { type: 'gauge', help: 'MCP sessions', labels: ['upstream', 'kind', 'status'] },
  bridge_calls_in_flight: { type: 'gauge', help: 'Calls sent and not answered', labels: ['upstream'] },
  bridge_session_wait_seconds: { type: 'histogram', help: 'Time a call waited for a session', labels: ['upstream'], buckets: WAIT_SECONDS },
  bridge_child_starts_total: { type: 'counter', help: 'Starts of child processes', labels: ['upstream', 'outcome'] },
  bridge_child_exits_total: { type: 'counter', help: 'Ends of child processes', labels: ['upstream', 'reason'] },
  bridge_child_protocol_errors_total: { type: 'counter', help: 'Lines of a child that are not the protocol', labels: ['upstream', 'kind'] },
  bridge_quarantines_total: { type: 'counter', help: 'Calls barred because they kill the upstream', labels: ['upstream'] },
  bridge_catalog_changes_total: { type: 'counter', help: "Changes of an upstream's tools", labels: ['upstream'] },
  bridge_circuit_breaker_state: { type: 'gauge', help: '0 closed, 1 open or half open', labels: ['upstream'], over: 'max' },
  bridge_breaker_transitions_total: { type: 'counter', help: 'Changes of a circuit breaker', labels: ['upstream', 'to'] },

  bridge_cache_hits_total: { type: 'counter', help: 'Answers found', labels: ['level'] },
  bridge_cache_misses_total: { type: 'counter', help: 'Answers not found', labels: ['level'] },
  bridge_cache_evictions_total: { type: 'counter', help: 'Answers dropped before their time', labels: ['reason'] },
  bridge_cache_invalidations_total: { type: 'counter', help: 'Times stored answers were made stale, and by what', labels: ['cause'] },
  bridge_cache_entries: { type: 'gauge', help: 'Answers stored', labels: ['level'] },

  bridge_shared_store_up: { type: 'gauge', help: '1 while the shared store can be reached', over: 'min' },
  bridge_shared_store_seconds: {
    type: 'histogram',
    help: 'Duration of operations of the shared store',
    labels: ['operation'],
    buckets: SHORT_SECONDS,
  },
  bridge_redis_volatile: { type: 'gauge', help: '1 when Redis may evict or forget what was accepted', over: 'max' },

  bridge_ready: { type: 'gauge', help: '1 while a balancer should send calls here: what /health/ready says', over: 'min' },
  bridge_draining: { type: 'gauge', help: '1 from the signal to stop until the end', over: 'max' },
  bridge_build_info: { type: 'gauge', help: 'Always 1; the version and the Node that runs it', labels: ['version', 'node'], over: 'max' },
  bridge_log_lines_dropped_total: { type: 'counter', help: 'Log lines that could not be written' },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;

export type NameOf<Type extends MetricSpec['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

export type LabelsOf<Name extends MetricName> = (typeof METRICS)[Name] extends { labels: readonly (infer Label extends string)[] }
  ? Label
  : never;
