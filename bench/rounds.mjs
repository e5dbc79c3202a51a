import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CALLS } from './calls.mjs';
import { CHILD, Contender, CONTENDERS } from './contender.mjs';
import { medians } from './medians.mjs';
import { residentMb } from './process-cost.mjs';

const LINES = join(import.meta.dirname, 'contenders/lines.mjs');
const CONNECTIONS = [1, 64];
const START_ROUNDS = 3;
/** So many calls of each kind before the first measurement: the engine optimises what it has seen often enough. */
const WARM_UP_CALLS = 30_000;
const LINES_WARM_UP_MS = 2000;
/** Before each measurement: fills the caches again after another contender's turn. */
const TURN_WARM_UP_CALLS = 200;
/** Long enough for the garbage of the start to be collected. */
const SETTLE_MS = 2000;

/** Starts each contender anew, in turns; milliseconds to ready and idle memory, medians. */
export async function measureStarts(node) {
  const measured = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, []]));
  for (let round = 0; round < START_ROUNDS; round++) {
    for (const name of Object.keys(CONTENDERS)) {
      const contender = await Contender.start(name, node);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      measured[name].push({ startMs: contender.startMs, idleMb: residentMb(contender.pid) });
      await contender.stop();
    }
  }
  return medians(measured);
}

/** One row for each kind of call and number of connections, with the medians of every contender. */
export async function measureCalls(node, { rounds, seconds }) {
  const contenders = {};
  const load = fork(join(import.meta.dirname, 'load.mjs'));
  try {
    for (const name of Object.keys(CONTENDERS)) contenders[name] = await Contender.start(name, node);
    const turn = (name, call, connections, warmUpCalls, measureMs) =>
      contenders[name].underLoad(load, { call, connections, warmUpCalls, measureMs });
    for (const call of CALLS) for (const name in contenders) await turn(name, call, 64, WARM_UP_CALLS, 100);
    const rows = [];
    for (const call of CALLS) {
      for (const connections of CONNECTIONS) {
        const measured = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
        for (let round = 0; round < rounds; round++) {
          for (const name in contenders) measured[name].push(await turn(name, call, connections, TURN_WARM_UP_CALLS, seconds * 1000));
        }
        rows.push({ call: call.name, connections, ...medians(besideTheFloor(measured)) });
      }
    }
    return rows;
  } finally {
    load.kill();
    for (const contender of Object.values(contenders)) await contender.stop();
  }
}

/** One row for each number of calls in flight: the session pool beside a bare line client, both without HTTP. */
export async function measureLines(node, { rounds, seconds }) {
  const kinds = ['bare', 'pool'];
  const processes = kinds.map((kind) => fork(LINES, [kind, CHILD], { execPath: node }));
  const turn = async (process, inFlight, measureMs) => {
    process.send({ inFlight, measureMs });
    const [measured] = await once(process, 'message');
    return measured;
  };
  try {
    for (const process of processes) await once(process, 'message');
    for (const process of processes) await turn(process, 64, LINES_WARM_UP_MS);
    const rows = [];
    for (const inFlight of CONNECTIONS) {
      const measured = [];
      for (let round = 0; round < rounds; round++) {
        const [bare, pool] = [await turn(processes[0], inFlight, seconds * 1000), await turn(processes[1], inFlight, seconds * 1000)];
        measured.push({ bareUs: bare.cpuUsPerCall, poolUs: pool.cpuUsPerCall, times: pool.cpuUsPerCall / bare.cpuUsPerCall });
      }
      rows.push({ inFlight, ...medians({ lines: measured }).lines });
    }
    return rows;
  } finally {
    for (const process of processes) process.kill();
  }
}

/** Each turn is divided by the floor's turn just before it, so that a neighbour who disturbs one round disturbs no ratio. */
function besideTheFloor(measured) {
  const beside = (sample, round) => ({ ...sample, timesFloor: sample.cpuUsPerCall / measured.floor[round].cpuUsPerCall });
  return Object.fromEntries(Object.entries(measured).map(([name, samples]) => [name, samples.map(beside)]));
}
