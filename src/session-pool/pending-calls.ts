import type { LostReason } from './reply.js';
import type { PendingCall } from './pending-call.js';

const MAX_TOMBSTONES = 1024;

/** The calls a child owes an answer, by id, and the ids of those it no longer has to answer. */
export class PendingCalls {
  /** Emptied slots, because the tables that a busy Map outgrows hold on to all that was in them until a full collection. */
  private readonly slots = new Map<number, { call?: PendingCall | undefined }>();
  private readonly tombstones = new Set<number>();
  private lastId = 0;
  private writes = 0;
  private owed = 0;
  private overdue = 0;

  get size(): number {
    return this.slots.size;
  }

  /** Given up writes included. */
  get writesInFlight(): number {
    return this.writes;
  }

  /** Writes whose callers still wait. */
  get openWrites(): number {
    return this.writes - this.owed;
  }

  /** Writes whose callers were told already. */
  get owedWrites(): number {
    return this.owed;
  }

  /** Of those, the ones the child has had its time for. */
  get overdueWrites(): number {
    return this.overdue;
  }

  /** Never given twice to one child. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  get(id: number): PendingCall | undefined {
    return this.slots.get(id)?.call;
  }

  /** The call that is the only one and whose caller waits: the only one a message without an id can belong to. */
  get alone(): PendingCall | undefined {
    if (this.slots.size !== 1) return undefined;
    const [call] = this.all();
    return call?.callerWaits ? call : undefined;
  }

  add(call: PendingCall): void {
    this.slots.set(call.id, { call });
    if (call.isWrite) this.writes += 1;
  }

  owe(): void {
    this.owed += 1;
  }

  passHold(): void {
    this.overdue += 1;
  }

  remove(call: PendingCall): void {
    const slot = this.slots.get(call.id);
    if (!slot) return;
    slot.call = undefined;
    this.slots.delete(call.id);
    if (call.isWrite) this.writes -= 1;
    if (call.owed) this.owed -= 1;
    if (call.overdue) this.overdue -= 1;
  }

  /** From now on an answer under this id is late, not a second one. */
  bury(id: number): void {
    this.tombstones.add(id);
    if (this.tombstones.size <= MAX_TOMBSTONES) return;
    for (const oldest of this.tombstones) {
      this.tombstones.delete(oldest);
      return;
    }
  }

  /** What an answer that nobody waits for is; a tombstone serves once. */
  strayKind(id: number): 'late' | 'duplicate' | 'unknown_id' {
    if (this.tombstones.delete(id)) return 'late';
    return Number.isInteger(id) && id > 0 && id <= this.lastId ? 'duplicate' : 'unknown_id';
  }

  forsakeAll(reason: LostReason, detail: string): void {
    for (const call of this.all()) call.forsake(reason, detail);
  }

  loseAll(reason: LostReason, detail: string): void {
    for (const call of this.all()) call.lose(reason, detail);
  }

  private all(): PendingCall[] {
    return [...this.slots.values()].flatMap(({ call }) => call ?? []);
  }
}
