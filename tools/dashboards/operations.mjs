import { dashboard, graph } from './panels.mjs';
import { orNothing, quantile, rate } from './promql.mjs';

const OURS = '{job=~".*mcp-bridge.*"}';

/** For whoever mends it: processes, children, the shared store, and what should never happen. */
export const operations = dashboard(
  'http-mcp-bridge-operations',
  'http-mcp-bridge / Operations',
  'Processes, children and the shared store, replica by replica',
  [
    [
      'Processes',
      [
        graph('CPU', 'percentunit', 'Cores in use', [`rate(process_cpu_seconds_total${OURS}[$__rate_interval])`, '{{instance}}']),
        graph(
          'Memory',
          'bytes',
          'Resident memory and the heap in it',
          [`process_resident_memory_bytes${OURS}`, '{{instance}}'],
          [`nodejs_heap_size_used_bytes${OURS}`, '{{instance}} heap'],
        ),
        graph('Lag of the event loop', 's', 'How late timers run, 99 of 100', [`nodejs_eventloop_lag_p99_seconds${OURS}`, '{{instance}}']),
        graph('Garbage collection', 'percentunit', 'Time spent in it', [
          `sum by (instance, kind) (rate(nodejs_gc_duration_seconds_sum${OURS}[$__rate_interval]))`,
          '{{instance}} {{kind}}',
        ]),
        graph('Open descriptors', 'short', 'Files and sockets', [`process_open_fds${OURS}`, '{{instance}}']),
        graph('State', 'short', 'Ready, draining', ['bridge_ready', '{{instance}} ready'], ['bridge_draining', '{{instance}} draining']),
        graph('Versions', 'short', 'Replicas by version', ['count by (version, node) (bridge_build_info)', '{{version}} on {{node}}']),
        graph('Lost log lines', 'short', 'Lines that could not be written, in a second', [
          rate('bridge_log_lines_dropped_total', 'instance'),
          '{{instance}}',
        ]),
      ],
    ],
    [
      'Children',
      [
        graph('Calls in flight', 'short', 'Sent and not answered', ['sum by (upstream) (bridge_calls_in_flight)', '{{upstream}}']),
        graph('Sessions in use', 'short', 'By replica', ['bridge_active_sessions', '{{instance}}']),
        graph('Wait for a session', 's', '95 of 100 calls waited less, once they had a slot', [
          quantile(0.95, 'bridge_session_wait_seconds', 'upstream'),
          '{{upstream}}',
        ]),
        graph('Starts', 'ops', 'Starts of children, by outcome', [
          rate('bridge_child_starts_total', 'upstream, outcome'),
          '{{upstream}} {{outcome}}',
        ]),
        graph('Ends', 'ops', 'Ends of children, by reason', [
          orNothing(rate('bridge_child_exits_total', 'upstream, reason')),
          '{{upstream}} {{reason}}',
        ]),
        graph(
          'Oddities',
          'ops',
          'Lines that are not the protocol, arguments in quarantine, changed lists of tools',
          [orNothing(rate('bridge_child_protocol_errors_total', 'upstream, kind')), '{{upstream}} {{kind}}'],
          [orNothing(rate('bridge_quarantines_total', 'upstream')), '{{upstream}} quarantine'],
          [orNothing(rate('bridge_catalog_changes_total', 'upstream')), '{{upstream}} changed tools'],
        ),
        graph('Circuits that turned', 'ops', 'Changes of state', [
          orNothing(rate('bridge_breaker_transitions_total', 'upstream, to')),
          '{{upstream}} {{to}}',
        ]),
      ],
    ],
    [
      'Shared store',
      [
        graph(
          'Reached',
          'bool',
          '1 while the store answers',
          ['bridge_shared_store_up', '{{instance}}'],
          ['max(bridge_redis_volatile)', 'forgets on restart'],
        ),
        graph('Its operations', 's', '95 of 100 took less', [quantile(0.95, 'bridge_shared_store_seconds', 'operation'), '{{operation}}']),
        graph('Scripts of the queue', 's', '95 of 100 took less, the way there included', [
          quantile(0.95, 'bridge_queue_script_seconds', 'script'),
          '{{script}}',
        ]),
        graph('Way of the reply', 's', '95 of 100 replies took less, from the verdict to the caller', [
          quantile(0.95, 'bridge_queue_reply_lag_seconds'),
          'lag',
        ]),
        graph('Answers kept for replays', 'bytes', 'Bytes in the store', ['max(bridge_queue_stored_bytes)', 'bytes']),
      ],
    ],
    [
      'Repairs of the queue',
      [
        graph(
          'Repeats and promotions',
          'ops',
          'Reads tried again, calls moved up for their age, calls offered again',
          [orNothing(rate('bridge_queue_retries_total', 'why')), 'retry {{why}}'],
          [rate('bridge_queue_aged_total'), 'aged'],
          [rate('bridge_queue_reoffered_total'), 'offered again'],
        ),
        graph(
          'Leases',
          'ops',
          'Lost to another replica, or given up by the replica itself',
          [rate('bridge_queue_lease_lost_total'), 'lost'],
          [rate('bridge_queue_self_fenced_total'), 'given up'],
        ),
        graph(
          'Swept and found',
          'ops',
          'Leftovers cleared away, outcomes found by asking',
          [orNothing(rate('bridge_queue_swept_total', 'what')), 'swept {{what}}'],
          [rate('bridge_queue_reconciled_total'), 'found'],
        ),
        graph(
          'Late truths',
          'ops',
          'Verdicts after the caller had been told',
          [rate('bridge_queue_late_outcomes_total'), 'late'],
          [rate('bridge_queue_omitted_bodies_total'), 'too large to keep'],
        ),
        graph('Refused steps', 'ops', 'Steps of a script that were not allowed any more', [
          orNothing(rate('bridge_queue_refused_total', 'script, why')),
          '{{script}} {{why}}',
        ]),
        graph(
          'Never',
          'ops',
          'Lost data, forged records, runs that do not end',
          [orNothing(rate('bridge_queue_roll_calls_total', 'why')), 'roll call {{why}}'],
          [rate('bridge_queue_forged_total'), 'forged'],
          [rate('bridge_queue_stuck_handlers_total'), 'stuck'],
        ),
      ],
    ],
  ],
);
