import { randomUUID } from 'node:crypto';
import type { QueueConfig } from './queue.config.js';
import type { JobSpec } from './work-queue.js';

const MEDIUM = 2;

/** Applies the switches of the configuration, once for all that follows. */
export function normalize(spec: JobSpec, { priorityEnabled, deduplicationEnabled }: QueueConfig): JobSpec {
  if (priorityEnabled && deduplicationEnabled) return spec;
  return {
    ...spec,
    priority: priorityEnabled ? spec.priority : MEDIUM,
    key: deduplicationEnabled ? spec.key : { as: 'once', id: randomUUID() },
  };
}
