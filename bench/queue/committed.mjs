import { readFileSync, writeFileSync } from 'node:fs';

/** What a call on Redis may cost, as somebody has last agreed to: times BullMQ's CPU in the same run, since µs are the machine's. */
const FILE = new URL('committed.json', import.meta.url);
const MOST_OVER = 1.25;
const WATCHED = ['full path', 'fast lane'];
const FIGURES = { timesRedis: 'Redis', timesNode: 'Node' };

export function commitFigures(rows) {
  const figuresOf = (row) => Object.fromEntries(Object.keys(FIGURES).map((figure) => [figure, Number(row[figure].toFixed(2))]));
  const committed = Object.fromEntries(watched(rows).map((row) => [titleOf(row), figuresOf(row)]));
  writeFileSync(FILE, `${JSON.stringify(committed, undefined, 2)}\n`);
}

/** One line for each figure that is too far over the committed one, or of which nothing has been committed. */
export function overruns(rows) {
  const committed = JSON.parse(readFileSync(FILE, 'utf8'));
  return watched(rows).flatMap((row) =>
    Object.entries(FIGURES).flatMap(([figure, process]) => {
      const allowed = committed[titleOf(row)]?.[figure] * MOST_OVER;
      return row[figure] <= allowed
        ? []
        : [`${titleOf(row)}: ${row[figure].toFixed(2)}× the CPU of ${process}, ${allowed.toFixed(2)}× at most`];
    }),
  );
}

function watched(rows) {
  return rows.filter(({ name }) => WATCHED.includes(name));
}

function titleOf({ name, kind, inFlight }) {
  return `${name}, ${kind}, ${inFlight} in flight`;
}
