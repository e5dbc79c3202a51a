import type { LockLine } from '../lock-lines.js';

/** Everything that waits, as a sorted set: its cardinality is what depth-based autoscaling looks at. */
export function waitingKey(tag: string): string {
  return `${prefixOf(tag)}due`;
}

/**
 * Names of the gate's keys. Scripts derive them from the prefix by themselves; what is known before one runs is
 * declared to it, since Redis Cluster finds the node by that. The tag is BullMQ's too, so that all share a slot.
 */
export class GateKeys {
  readonly prefix: string;
  private readonly installation: readonly string[];

  /** @param tag the hash tag of the installation, `{name}` */
  constructor(tag: string) {
    this.prefix = prefixOf(tag);
    const names = ['epoch', 'seq', 'due', 'parked', 'lease', 'rep', 'lanes', 'locked', 'kept', 'bytes'];
    this.installation = names.map((name) => this.prefix + name);
  }

  /** Where a replica hears of settled requests and of reads to stop. */
  channel(replica: string): string {
    return `${this.prefix}in:${replica}`;
  }

  record(id: string): string {
    return `${this.prefix}j:${id}`;
  }

  /** Of one that is too large for the record. */
  body(id: string): string {
    return `${this.prefix}b:${id}`;
  }

  /** Lanes whose only replica is dead, until what the scheduler keeps of them is gone. */
  get endedLanes(): string {
    return `${this.prefix}ended`;
  }

  forAll(): readonly string[] {
    return this.installation;
  }

  forReplica(replica: string): readonly string[] {
    return [...this.installation, `${this.prefix}fr:${replica}`, `${this.prefix}roll`, this.endedLanes];
  }

  forRequest(id: string): readonly string[] {
    return [this.record(id), this.body(id), ...this.installation];
  }

  forAcceptance(id: string, lane: string, upstream: string, lines: readonly LockLine[]): readonly string[] {
    const ofLane = ['offer', 'out', 'tags', 'c', 'pace', 'slots'].map((name) => `${this.prefix}${name}:${lane}`);
    const ofLines = lines.flatMap(({ line }) => [`${this.prefix}ln:${line}`, `${this.prefix}lx:${line}`]);
    return [...this.forRequest(id), ...ofLane, `${this.prefix}gen:${upstream}`, ...ofLines];
  }
}

function prefixOf(tag: string): string {
  return `${tag}:g:`;
}
