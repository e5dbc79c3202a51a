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

/** How many answers of each kind were given, and how long after its deadline the latest came, in ms; negative: before it. */
export function answersOf(events: readonly ClientEvent[]): Readonly<Record<Answer['is'] | 'latestMs', number>> {
  const deadlines = new Map(events.flatMap((event) => (event.is === 'inv' ? [[attemptKey(event), event.deadlineNs] as const] : [])));
  const answers = { ok: 0, not_started: 0, unknown: 0, read_error: 0, latestMs: -Infinity };
  for (const event of events) {
    if (event.is === 'inv') continue;
    answers[event.is] += 1;
    const lateMs = (event.ns - (deadlines.get(attemptKey(event)) ?? Infinity)) / NS_PER_MS;
    answers.latestMs = Math.max(answers.latestMs, Math.round(lateMs));
  }
  return answers;
}
