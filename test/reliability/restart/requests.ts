import type { Answer, Asked, ClientEvent } from '../history/history.js';
import { attemptKey, NS_PER_MS } from '../history/history.js';

/** The requests of a run, counted. */
export interface Requests {
  readonly sent: number;
  /** Answered with anything but ok, or not at all. */
  readonly failed: readonly Asked[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function requestsOf(events: readonly ClientEvent[]): Requests {
  const answers = new Map<string, Answer>();
  const asked: Asked[] = [];
  for (const event of events) {
    if (event.is === 'inv') asked.push(event);
    else answers.set(attemptKey(event), event);
  }
  const tookMs = asked.flatMap((request) => {
    const answer = answers.get(attemptKey(request));
    return answer?.is === 'ok' ? [(answer.ns - request.ns) / NS_PER_MS] : [];
  });
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => Math.round(tookMs[Math.floor(tookMs.length * share)] ?? 0);
  return {
    sent: asked.length,
    failed: asked.filter((request) => answers.get(attemptKey(request))?.is !== 'ok'),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

/** Ops that nobody ever got an answer to, however often they were asked for. */
export function unanswered(events: readonly ClientEvent[]): readonly string[] {
  const open = new Set<string>();
  for (const event of events) {
    if (event.is === 'inv') open.add(event.op);
    else if (!('isCut' in event)) open.delete(event.op);
  }
  return [...open];
}
