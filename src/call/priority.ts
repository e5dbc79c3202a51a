/** The five strict classes, most urgent first; a class is its index. */
export const PRIORITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'BULK'] as const;

export type PriorityName = (typeof PRIORITIES)[number];

/** 0 CRITICAL … 4 BULK: a smaller number is served first. */
export type Priority = 0 | 1 | 2 | 3 | 4;

export function priorityOf(name: PriorityName): Priority {
  return PRIORITIES.indexOf(name) as Priority;
}
