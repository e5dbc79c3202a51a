import { CHILD } from '../contender.mjs';
import { medians } from '../medians.mjs';
import { OpenWay } from './open-way.mjs';
import { WAYS } from './ways.mjs';

const IN_FLIGHT = [1, 16, 64];
/** The engine optimises what it has seen often enough. */
const WARM_UP_MS = 1500;
/** Before each turn: fills the caches again after another one's. */
const TURN_WARM_UP_MS = 30;

/** One row for each way, kind of call and number in flight; `timesRedis` and `timesNode` say how many times the first way's CPU. */
export function measureWays(url, redisCpuUs, options, progress) {
  return measure(Object.keys(WAYS), { url, redisCpuUs }, options, progress);
}

/** As above with a real child behind each run, for the two ways that pass no other process; the first is embedded. */
export function measureWithChild(url, redisCpuUs, options, progress) {
  return measure(['embedded', 'fast lane'], { url, redisCpuUs, child: CHILD }, options, progress);
}

async function measure(names, place, { rounds, seconds }, progress) {
  const open = {};
  try {
    progress(`starting and warming up ${names.join('; ')}${place.child ? ', with a child' : ''}`);
    for (const name of names) {
      open[name] = await OpenWay.open(name, { ...place, name: `${name.replaceAll(/\W/g, '')}${place.child ? '-child' : ''}` });
    }
    const runners = names.flatMap((name) => WAYS[name].kinds.map((kind) => ({ name, kind, way: open[name] })));
    for (const { way, kind } of runners) await way.turn({ kind, inFlight: 64, measureMs: WARM_UP_MS });
    const rows = [];
    for (const inFlight of IN_FLIGHT) {
      const samples = await takeTurns(runners, inFlight, { rounds, seconds }, progress);
      const figures = medians(besideTheFirst(runners, samples));
      rows.push(...runners.map(({ name, kind }, index) => ({ name, kind, inFlight, ...figures[index] })));
    }
    return rows;
  } finally {
    for (const way of Object.values(open)) way.close();
  }
}

async function takeTurns(runners, inFlight, { rounds, seconds }, progress) {
  const samples = runners.map(() => []);
  for (let round = 1; round <= rounds; round += 1) {
    progress(`${inFlight} in flight, round ${round} of ${rounds}`);
    for (const [index, { way, kind }] of runners.entries()) {
      await way.turn({ kind, inFlight, measureMs: TURN_WARM_UP_MS });
      samples[index].push(await way.turn({ kind, inFlight, measureMs: seconds * 1000 }));
    }
  }
  return samples;
}

/**
 * Each turn is divided by one just before it, so that a neighbour who disturbs one round disturbs no ratio: that of the
 * first way, for the same kind of call if it has it.
 */
function besideTheFirst(runners, samples) {
  const firstOf = (kind) => {
    const same = runners.findIndex((runner) => runner.name === runners[0].name && runner.kind === kind);
    return samples[Math.max(0, same)];
  };
  const beside = (kind) => (sample, round) => {
    const first = firstOf(kind)[round];
    return {
      ...sample,
      timesRedis: sample.redisUs / first.redisUs,
      timesNode: sample.nodeUs / first.nodeUs,
      timesSpeed: sample.callsPerSecond / first.callsPerSecond,
    };
  };
  return runners.map(({ kind }, index) => samples[index].map(beside(kind)));
}
