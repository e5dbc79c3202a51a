import { table } from '../report.mjs';

/** Goals of the queue on Redis: in calls for the same CPU of Redis, and in calls a second. */
const FULL_PATH_GOAL = 0.6;
const FAST_LANE_GOAL = 0.8;

/** In brackets how many times the CPU of the first way. */
export function pathTable(rows) {
  const cost = (us, times) => `${us.toFixed(0)} (${times.toFixed(2)}×)`;
  return table(
    ['path', 'in flight', 'Redis µs', 'Node µs', 'front µs', 'worker µs', 'calls/s', 'p50 ms'],
    rows.map(({ name, kind, inFlight, redisUs, nodeUs, frontUs, workerUs, timesRedis, timesNode, callsPerSecond, p50Ms }) => [
      `${name}: ${kind}`,
      inFlight,
      name === 'embedded' ? '–' : cost(redisUs, timesRedis),
      cost(nodeUs, timesNode),
      frontUs.toFixed(0),
      workerUs === 0 ? '–' : workerUs.toFixed(0),
      Math.round(callsPerSecond).toLocaleString('en'),
      inFlight === 1 ? p50Ms.toFixed(3) : '',
    ]),
  );
}

/** In brackets how many times embedded, the child not counted. */
export function childTable(rows) {
  return table(
    ['with a child', 'in flight', 'Node µs', 'calls/s', 'p50 ms'],
    rows.map(({ name, kind, inFlight, nodeUs, timesNode, callsPerSecond, timesSpeed, p50Ms }) => [
      `${name}: ${kind}`,
      inFlight,
      `${nodeUs.toFixed(0)} (${timesNode.toFixed(2)}×)`,
      `${Math.round(callsPerSecond).toLocaleString('en')} (${timesSpeed.toFixed(2)}×)`,
      inFlight === 1 ? p50Ms.toFixed(3) : '',
    ]),
  );
}

export function goals(ways, withChild) {
  const ofFullPath = ways.filter(({ name }) => name === 'full path');
  const ofFastLane = withChild.filter(({ name }) => name === 'fast lane');
  return [
    ...ofFullPath.map((row) => goal(row, 'calls for the Redis CPU of one of BullMQ, own reply', 1 / row.timesRedis, FULL_PATH_GOAL)),
    ...ofFastLane.map((row) => goal(row, 'of the calls/s of embedded, with a child', row.timesSpeed, FAST_LANE_GOAL)),
  ].join('\n');
}

function goal({ name, kind, inFlight }, what, reached, wanted) {
  const verdict = reached >= wanted ? 'reached' : 'MISSED';
  return `goal ${verdict}  ${name}, ${kind}, ${inFlight} in flight: ${reached.toFixed(2)} ${what} (at least ${wanted})`;
}
