import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

/** Where and on what the figures were taken. */
export function heading() {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `machine  ${cpus().length} × ${cpu.model}, ${memory} GiB, load before the run ${loadavg()[0].toFixed(2)}`,
    `date     ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `commit   ${commit()}`,
  ].join('\n');
}

/** Server CPU and throughput; in brackets how many times the floor's CPU. */
export function callTable(rows) {
  const cost = (row, name) => row[name].cpuUsPerCall.toFixed(0);
  const ratio = (row, name) => `${cost(row, name)} (${row[name].timesFloor.toFixed(1)}×)`;
  const rate = (row, name) => Math.round(row[name].callsPerSecond).toLocaleString('en');
  return table(
    ['call', 'connections', 'floor µs', 'Express µs', 'bridge µs', 'floor calls/s', 'Express calls/s', 'bridge calls/s'],
    rows.map((row) => [
      row.call,
      row.connections,
      cost(row, 'floor'),
      ratio(row, 'Express'),
      ratio(row, 'bridge'),
      rate(row, 'floor'),
      rate(row, 'Express'),
      rate(row, 'bridge'),
    ]),
  );
}

export function linesTable(rows) {
  return table(
    ['without HTTP', 'in flight', 'line client µs', 'session pool µs'],
    rows.map(({ inFlight, bareUs, poolUs, times }) => [
      'uncached read',
      inFlight,
      bareUs.toFixed(1),
      `${poolUs.toFixed(1)} (${times.toFixed(1)}×)`,
    ]),
  );
}

export function startTable(starts) {
  return table(
    ['', ...Object.keys(starts)],
    [
      ['start to ready, ms', ...Object.values(starts).map(({ startMs }) => startMs.toFixed(0))],
      ['idle memory without children, MB', ...Object.values(starts).map(({ idleMb }) => idleMb.toFixed(0))],
    ],
  );
}

function commit() {
  const git = (...args) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--', '../src') ? ', src/ changed since' : '';
    return git('rev-parse', '--short', 'HEAD') + changed;
  } catch {
    return 'unknown (not a git checkout)';
  }
}

/** Markdown that lines up in a terminal too. */
export function table(head, rows) {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => `${'-'.repeat(width + 1)}${column ? ':' : '-'}`).join('|')}|`;
  return [line(lines[0]), rule, ...lines.slice(1).map(line)].join('\n');
}
