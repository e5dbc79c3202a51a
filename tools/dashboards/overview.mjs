import { dashboard, graph, stat } from './panels.mjs';
import { orNothing, quantile, rate } from './promql.mjs';

/** For whoever runs the service: is it well, and if not, which stage? Facts of the shared store are taken as max. */
export const overview = dashboard(
  'http-mcp-bridge-overview',
  'http-mcp-bridge / Overview',
  'Calls, queue, cache, sessions and circuits of all replicas',
  [
    [
      'At a glance',
      [
        stat('Replicas ready', 'short', 'sum(bridge_ready)', 'Replicas that a balancer should send calls to'),
        stat('Requests', 'reqps', 'sum(bridge_requests_per_second)', 'HTTP requests a second, over the last minute'),
        stat(
          'Errors of ours',
          'percentunit',
          '(sum(rate(bridge_responses_total{status=~"5.."}[$__rate_interval])) or vector(0)) / clamp_min(sum(rate(bridge_responses_total[$__rate_interval])), 0.001)',
          'Share of answers with a status of 500 or more',
        ),
        stat('Waiting', 'short', 'max(bridge_queue_size)', 'Calls in the queue that do not run yet'),
        stat('Oldest wait', 's', 'max(bridge_queue_oldest_wait_seconds)', 'How long the oldest of them has waited'),
        stat(
          'Unknown writes',
          'short',
          'sum(increase(bridge_tool_calls_total{outcome="unknown"}[1h])) or vector(0)',
          'Writes of the last hour whose answer was lost',
        ),
      ],
    ],
    [
      'Requests',
      [
        graph('Requests by route', 'reqps', 'HTTP requests a second', [
          rate('bridge_requests_total', 'method, endpoint'),
          '{{method}} {{endpoint}}',
        ]),
        graph('Answers by status', 'reqps', 'HTTP answers a second', [rate('bridge_responses_total', 'status'), '{{status}}']),
        graph('Duration by route', 's', '95 of 100 requests took less', [
          quantile(0.95, 'bridge_request_duration_seconds', 'endpoint'),
          '{{endpoint}}',
        ]),
        graph('Errors by type', 'short', 'Errors answered in a second, by name', [rate('bridge_errors_total', 'type'), '{{type}}']),
        graph(
          'Refused at the door',
          'reqps',
          'By the rate limit, and for want of a key',
          ['sum(rate(bridge_rate_limit_exceeded_total[$__rate_interval]))', 'rate limit'],
          [rate('bridge_auth_failures_total', 'reason'), '{{reason}}'],
        ),
        graph('Open door', 'bool', '1 while other machines may call without a key', ['max(bridge_auth_disabled)', 'no key needed']),
      ],
    ],
    [
      'Tools',
      [
        graph('Calls by outcome', 'cps', 'Tool calls a second', [rate('bridge_tool_calls_total', 'outcome'), '{{outcome}}']),
        graph('Calls by tool', 'cps', 'Tool calls a second', [rate('bridge_tool_calls_total', 'upstream, tool'), '{{upstream}} {{tool}}']),
        graph('Answer of the upstream', 's', '95 of 100 calls were answered faster, once begun', [
          quantile(0.95, 'bridge_mcp_response_time_seconds', 'upstream, tool'),
          '{{upstream}} {{tool}}',
        ]),
        graph('Stale answers', 'cps', 'Answers from before an upstream failed', [
          orNothing(rate('bridge_stale_answers_total', 'upstream')),
          '{{upstream}}',
        ]),
      ],
    ],
    [
      'Queue',
      [
        graph(
          'Waiting by class',
          'short',
          'Calls that wait, and how many may',
          ['max by (class) (bridge_queue_waiting)', '{{class}}'],
          ['max(bridge_queue_limit)', 'limit'],
        ),
        graph(
          'Waiting for what',
          'short',
          'Behind a lock, behind their own share, or for a slot',
          ['max by (why) (bridge_queue_parked)', 'for a {{why}}'],
          ['max(bridge_queue_size) - sum(max by (why) (bridge_queue_parked))', 'for a slot'],
        ),
        graph(
          'Running and slots',
          'short',
          'Calls that run, and how many may at once',
          ['max(bridge_queue_running)', 'running'],
          ['max by (lane) (bridge_queue_slots)', 'slots of {{lane}}'],
        ),
        graph('Wait by class', 's', '95 of 100 calls waited less', [
          quantile(0.95, 'bridge_queue_wait_time_seconds', 'class'),
          '{{class}}',
        ]),
        graph('Part of it behind locks', 's', '95 of 100 parked calls were parked for less', [
          quantile(0.95, 'bridge_queue_parked_seconds', 'class'),
          '{{class}}',
        ]),
        graph('How calls were taken', 'cps', 'Queued, joined, replayed or refused', [
          rate('bridge_queue_accepted_total', 'how'),
          '{{how}}',
        ]),
        graph('How calls ended', 'cps', 'Requests settled in a second', [
          rate('bridge_queue_settled_total', 'kind, state'),
          '{{kind}} {{state}}',
        ]),
        graph('Run time', 's', '95 of 100 runs were shorter', [quantile(0.95, 'bridge_queue_run_seconds', 'kind'), '{{kind}}']),
        graph('Most waiting', 'short', 'The longest queue since the start of the replicas', ['max(bridge_queue_size_max)', 'most']),
      ],
    ],
    [
      'Cache',
      [
        graph(
          'Hits and misses',
          'ops',
          'Look-ups a second, by level',
          [rate('bridge_cache_hits_total', 'level'), 'hit {{level}}'],
          [rate('bridge_cache_misses_total', 'level'), 'miss {{level}}'],
        ),
        graph('Answers held', 'short', 'Answers in the cache', ['sum by (level) (bridge_cache_entries)', '{{level}}']),
        graph(
          'Dropped and made stale',
          'ops',
          'Evictions by reason, invalidations by cause',
          [orNothing(rate('bridge_cache_evictions_total', 'reason')), 'dropped {{reason}}'],
          [orNothing(rate('bridge_cache_invalidations_total', 'cause')), 'stale by {{cause}}'],
        ),
      ],
    ],
    [
      'Sessions and circuits',
      [
        graph('Sessions', 'short', 'MCP sessions of all replicas', [
          'sum by (upstream, status) (bridge_sessions)',
          '{{upstream}} {{status}}',
        ]),
        graph('Use of the pool', 'percent', 'Sessions in use, of those that are there', ['avg(bridge_session_pool_utilization)', 'in use']),
        graph('Circuits', 'short', '0 closed, 1 open or being probed', [
          'max by (upstream) (bridge_circuit_breaker_state)',
          '{{upstream}}',
        ]),
      ],
    ],
  ],
);
