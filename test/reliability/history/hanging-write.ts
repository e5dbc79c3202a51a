import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { LedgerTail } from './ledger-tail.js';
import type { Rig } from './rig.js';
import type { Wish } from './wishes.js';

/** Past its deadline, within its hold, and longer than any partition: it writes at last, unless somebody ends its child. */
const HANG_MS = 25_000;
const BUDGET_MS = 5_000;

/** One that others want to write as well. */
const WISH: Wish = { kind: 'write', tool: 'write_patiently', entities: ['light.0'], priority: 'CRITICAL', mayShare: false };

/** A write whose caller is told that its time is over while its child goes on, and may. */
export interface HangingWrite {
  /** The name of the replica. */
  readonly runsOn: string;
  /** Resolves when its child has written, or would have. */
  readonly over: Promise<unknown>;
}

/** @returns nothing when no child began it in time */
export async function hangingWrite(rig: Pick<Rig, 'ledger' | 'askOnce'>): Promise<HangingWrite | undefined> {
  const tail = new LedgerTail(rig.ledger, 'end');
  try {
    const { op, answered } = rig.askOnce({ wish: () => WISH, workMs: [HANG_MS, HANG_MS], budgetMs: [BUDGET_MS, BUDGET_MS] });
    const begun = () => tail.starts().find((started) => started.op === op);
    const first = await eventually(begun, Boolean, BUDGET_MS).catch(() => undefined);
    if (first) return { runsOn: first.replica, over: Promise.all([answered, pause(HANG_MS)]) };
    await answered;
    return undefined;
  } finally {
    tail.close();
  }
}
