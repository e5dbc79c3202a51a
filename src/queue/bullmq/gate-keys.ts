/** Begins every key of the gate. `tag` is the hash tag of the installation, BullMQ's keys carry it too: one slot for all. */
export function gatePrefix(tag: string): string {
  return `${tag}:g:`;
}

/** Everything that waits, as a sorted set: its cardinality is what depth-based autoscaling looks at. */
export function waitingKey(tag: string): string {
  return `${gatePrefix(tag)}due`;
}

/** Where a replica hears of settled requests and of reads to stop. */
export function replicaChannel(tag: string, replica: string): string {
  return `${gatePrefix(tag)}in:${replica}`;
}
