/** The lane of what only one replica can run, because it holds the child that the call is for. */
export function laneAt(upstream: string, replica: string): string {
  return `${upstream}@${replica}`;
}

/** Whose calls a lane carries; no upstream has an @ in its name. */
export function upstreamOf(lane: string): string {
  return lane.split('@', 1)[0] ?? lane;
}
