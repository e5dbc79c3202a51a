/** How a child ended, and its last words. */
export interface ChildExit {
  readonly reason: 'exit' | 'signal' | 'oom';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** We had asked for it. */
  readonly wanted: boolean;
  /** The last lines of stderr. */
  readonly stderr: readonly string[];
}

/** SIGKILL that is not ours is the kernel's out-of-memory killer; SIGABRT is how V8 ends when its heap is full. */
export function exitReason(code: number | null, signal: NodeJS.Signals | null, killedByUs: boolean): ChildExit['reason'] {
  if (killedByUs) return signal === null ? 'exit' : 'signal';
  if (code === 137 || code === 134 || signal === 'SIGKILL' || signal === 'SIGABRT') return 'oom';
  return signal === null ? 'exit' : 'signal';
}
