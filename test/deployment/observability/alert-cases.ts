/** What an alert is shown: per-minute values of some series, in promtool's notation, while all is well and while it is not. */
export interface AlertCase {
  /** Minutes it must hold before the alert fires. */
  readonly for: number;
  /** How many alerts fire when three replicas see it: 1 when it is one fact of the whole installation. */
  readonly firing: number;
  /** How long it may take to end once all is well again, in minutes; the window of its rates. */
  readonly ends: number;
  readonly series: Readonly<Record<string, { readonly well: Trend; readonly bad: Trend }>>;
}

/** Starts at `from`, grows by `step` a minute. A counter goes on from where it was. */
export interface Trend {
  readonly at?: number;
  readonly step?: number;
}

const UP = { at: 1 };
const DOWN = { at: 0 };
const still = { step: 0 };

export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  BridgeDown: { for: 2, firing: 3, ends: 1, series: { 'up{job="http-mcp-bridge"}': { well: UP, bad: DOWN } } },
  BridgeNotReady: {
    for: 5,
    firing: 3,
    ends: 1,
    series: { bridge_ready: { well: UP, bad: DOWN }, bridge_draining: { well: DOWN, bad: DOWN } },
  },
  BridgeErrorRatio: {
    for: 10,
    firing: 1,
    ends: 6,
    series: {
      'bridge_responses_total{status="200"}': { well: { step: 600 }, bad: { step: 600 } },
      'bridge_responses_total{status="503"}': { well: still, bad: { step: 60 } },
      'bridge_errors_total{type="upstream_error"}': { well: { step: 60 }, bad: { step: 1 } },
      'bridge_responses_total{status="502"}': { well: { step: 60 }, bad: { step: 1 } },
    },
  },
  BridgeSlow: {
    for: 10,
    firing: 1,
    ends: 6,
    series: {
      'bridge_request_duration_seconds_bucket{le="1"}': { well: { step: 60 }, bad: still },
      'bridge_request_duration_seconds_bucket{le="5"}': { well: { step: 60 }, bad: { step: 60 } },
      'bridge_request_duration_seconds_bucket{le="+Inf"}': { well: { step: 60 }, bad: { step: 60 } },
    },
  },
  BridgeRateLimitStorm: {
    for: 10,
    firing: 1,
    ends: 6,
    series: { bridge_rate_limit_exceeded_total: { well: { step: 1 }, bad: { step: 600 } } },
  },
  BridgeAuthFailures: {
    for: 5,
    firing: 1,
    ends: 6,
    series: { 'bridge_auth_failures_total{reason="no_key"}': { well: still, bad: { step: 120 } } },
  },
  BridgeAuthDisabled: { for: 0, firing: 1, ends: 1, series: { bridge_auth_disabled: { well: DOWN, bad: UP } } },
  BridgeQueueNearlyFull: {
    for: 2,
    firing: 1,
    ends: 1,
    series: { bridge_queue_size: { well: { at: 400 }, bad: { at: 900 } }, bridge_queue_limit: { well: { at: 1000 }, bad: { at: 1000 } } },
  },
  BridgeQueueWait: { for: 1, firing: 1, ends: 1, series: { bridge_queue_oldest_wait_seconds: { well: { at: 2 }, bad: { at: 20 } } } },
  BridgeUnknownWrites: {
    for: 0,
    firing: 1,
    ends: 6,
    series: { 'bridge_tool_calls_total{upstream="house",tool="switch",outcome="unknown"}': { well: still, bad: { step: 1 } } },
  },
  BridgeStuckHandler: { for: 0, firing: 3, ends: 11, series: { bridge_queue_stuck_handlers_total: { well: still, bad: { step: 1 } } } },
  BridgeNoSessions: {
    for: 2,
    firing: 1,
    ends: 1,
    series: {
      'bridge_sessions{upstream="house",status="idle"}': { well: { at: 2 }, bad: DOWN },
      'bridge_sessions{upstream="house",status="busy"}': { well: DOWN, bad: DOWN },
      'bridge_sessions{upstream="house",status="starting"}': { well: DOWN, bad: UP },
    },
  },
  BridgeChildCrashLoop: {
    for: 0,
    firing: 1,
    ends: 11,
    series: { 'bridge_child_exits_total{upstream="house",reason="exit"}': { well: still, bad: { step: 2 } } },
  },
  BridgeBreakerOpen: { for: 5, firing: 1, ends: 1, series: { 'bridge_circuit_breaker_state{upstream="house"}': { well: DOWN, bad: UP } } },
  BridgeStaleAnswers: {
    for: 5,
    firing: 1,
    ends: 6,
    series: { 'bridge_stale_answers_total{upstream="house"}': { well: still, bad: { step: 5 } } },
  },
  BridgeCatalogChanged: {
    for: 0,
    firing: 1,
    ends: 11,
    series: { 'bridge_catalog_changes_total{upstream="house"}': { well: still, bad: { step: 1 } } },
  },
  BridgeSharedStoreDown: { for: 1, firing: 1, ends: 1, series: { bridge_shared_store_up: { well: UP, bad: DOWN } } },
  BridgeRedisVolatile: { for: 10, firing: 1, ends: 1, series: { bridge_redis_volatile: { well: DOWN, bad: UP } } },
  BridgeQueueDataLoss: {
    for: 0,
    firing: 1,
    ends: 11,
    series: { 'bridge_queue_roll_calls_total{why="lost_tail"}': { well: still, bad: { step: 1 } } },
  },
  BridgeForgedRecord: { for: 0, firing: 3, ends: 11, series: { bridge_queue_forged_total: { well: still, bad: { step: 1 } } } },
  BridgeLogLoss: { for: 0, firing: 3, ends: 6, series: { bridge_log_lines_dropped_total: { well: still, bad: { step: 3 } } } },
  BridgeEventLoopLag: {
    for: 5,
    firing: 3,
    ends: 1,
    series: { 'nodejs_eventloop_lag_p99_seconds{job="http-mcp-bridge"}': { well: { at: 0.02 }, bad: { at: 0.5 } } },
  },
  BridgeMemoryGrowth: {
    for: 60,
    firing: 3,
    ends: 61,
    series: { 'process_resident_memory_bytes{job="http-mcp-bridge"}': { well: { at: 2e8 }, bad: { at: 5e8, step: 1e6 } } },
  },
};
