import type { Priority } from '../../call/priority.js';
import type { QueueStats } from '../work-queue.js';

type ByClass = [number, number, number, number, number];
type RawLane = readonly [
  lane: string,
  counters: readonly [...waiting: ByClass, ...running: ByClass, lock: number, share: number],
  pace: readonly [avgRunMs: string, slots: number],
];

/** Adds up what the script tells of each lane: all numbers are of one moment. */
export function parseStats(answer: unknown): QueueStats {
  const [raw, oldestWaitMs, storedBytes] = answer as readonly [readonly RawLane[], number, number];
  const lanes = raw.map(laneOf);
  const measured = lanes.filter(({ avgRunMs }) => avgRunMs > 0);
  return {
    waiting: sum(lanes.map(({ waiting }) => waiting)),
    waitingByClass: addUp(lanes.map(({ waitingByClass }) => waitingByClass)),
    parked: { lock: sum(lanes.map(({ lock }) => lock)), share: sum(lanes.map(({ share }) => share)) },
    running: sum(lanes.map(({ running }) => running)),
    runningByClass: addUp(lanes.map(({ runningByClass }) => runningByClass)),
    slots: sum(lanes.map(({ slots }) => slots)),
    oldestWaitMs,
    avgRunMs: measured.length === 0 ? 0 : sum(measured.map(({ avgRunMs }) => avgRunMs)) / measured.length,
    storedBytes,
    lanes: Object.fromEntries(lanes.map(({ name, waiting, running, slots }) => [name, { waiting, running, slots }])),
  };
}

function laneOf([name, counters, [avgRunMs, slots]]: RawLane) {
  const [w0, w1, w2, w3, w4, r0, r1, r2, r3, r4, lock, share] = counters;
  const waitingByClass: ByClass = [w0, w1, w2, w3, w4];
  const runningByClass: ByClass = [r0, r1, r2, r3, r4];
  const [waiting, running] = [sum(waitingByClass), sum(runningByClass)];
  return { name, waiting, waitingByClass, running, runningByClass, lock, share, slots, avgRunMs: Number(avgRunMs) };
}

function addUp(lanes: readonly ByClass[]): Record<Priority, number> {
  const total: Record<Priority, number> = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
  for (const lane of lanes) lane.forEach((count, priority) => (total[priority as Priority] += count));
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
