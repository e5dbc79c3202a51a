import { readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms. */
const TICK_US = 10_000;

/** User and system time of one process so far, its children not counted, in µs. */
export function cpuUs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold blanks; field 3 comes first
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Memory of one process that lies in RAM, its children not counted, in MB. */
export function residentMb(pid) {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return (Number(kb) * 1024) / 1e6;
}
