import { type History, type Kind, type Nanoseconds, NS_PER_MS } from './history.js';

/** @returns for each moment, how many ms later the first caller had the answer to a call that a child ran after it */
export function backAfter(
  moments: readonly Nanoseconds[],
  { ledger, clients }: Pick<History, 'ledger' | 'clients'>,
  only?: Kind,
): readonly number[] {
  const startedNs = new Map<string, Nanoseconds>();
  for (const { ev, op, ns, kind } of ledger) if (ev === 'start' && kind === (only ?? kind)) startedNs.set(op, ns);
  const served = clients.flatMap((event) => (event.is === 'ok' ? [{ ns: event.ns, startNs: startedNs.get(event.op) ?? -Infinity }] : []));
  return moments.map((moment) => {
    const first = served.reduce((least, { ns, startNs }) => (startNs >= moment && ns < least ? ns : least), Infinity);
    return Math.round((first - moment) / NS_PER_MS);
  });
}
