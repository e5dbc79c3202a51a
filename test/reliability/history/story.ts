import { type History, NS_PER_MS } from './history.js';

/** Everything that the run knows of these ops, in order of time: milliseconds since the first event of the run. */
export function storyOf(ops: readonly string[], history: History): string {
  const { clients, ledger, audit, outages } = history;
  const beginNs = clients.reduce((first, { ns }) => Math.min(first, ns), Infinity);
  const told = [
    ...clients
      .filter(({ op }) => ops.includes(op))
      .map((event) => ({ ns: event.ns, who: 'caller', what: JSON.stringify({ ...event, ns: undefined }) })),
    ...ledger
      .filter(({ op }) => ops.includes(op))
      .map((line) => ({ ns: line.ns, who: line.replica, what: `${line.ev} by child ${line.pid}, ${line.op}` })),
  ];
  const fromNs = Math.min(...told.map(({ ns }) => ns));
  const untilNs = Math.max(...told.map(({ ns }) => ns));
  const near = outages.filter((outage) => outage.fromNs <= untilNs && outage.untilNs >= fromNs);
  const faults = near.map((outage) => ({
    ns: outage.fromNs,
    who: outage.replica,
    what: `${outage.is} until ${at(outage.untilNs, beginNs)}`,
  }));
  const rows = audit.filter(({ requestId }) => requestId !== undefined && ops.includes(requestId));
  return [
    ...[...told, ...faults].sort((a, b) => a.ns - b.ns).map(({ ns, who, what }) => `    ${at(ns, beginNs)} ${who}: ${what}`),
    ...rows.map((row) => `    audit: ${JSON.stringify(row)}`),
  ].join('\n');
}

function at(ns: number, beginNs: number): string {
  return ((ns - beginNs) / NS_PER_MS).toFixed(1).padStart(9);
}
