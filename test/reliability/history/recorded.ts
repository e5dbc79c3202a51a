import { existsSync, readFileSync } from 'node:fs';
import type { AuditRow, LedgerLine } from './history.js';

/** What the children wrote; reads without an op are those that callers share. */
export function recordedLedger(file: string): LedgerLine[] {
  return linesOf<Omit<LedgerLine, 'op' | 'ns'> & { readonly op: string | null; readonly ns: string }>(file).flatMap(
    ({ op, ns, ...line }) => (op === null ? [] : [{ ...line, op, ns: Number(ns) }]),
  );
}

/** What the replicas wrote. */
export function recordedAudit(files: readonly string[]): AuditRow[] {
  return files.flatMap((file) =>
    linesOf<{ request_id?: string; sequence?: number; lock_keys: string[]; outcome: AuditRow['outcome'] }>(file).map((row) => ({
      lockKeys: row.lock_keys,
      outcome: row.outcome,
      ...(row.request_id !== undefined && { requestId: row.request_id }),
      ...(row.sequence !== undefined && { sequence: row.sequence }),
    })),
  );
}

/** A process that was killed may have left half a line. */
function linesOf<Line>(file: string): Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Line];
      } catch {
        return [];
      }
    });
}
