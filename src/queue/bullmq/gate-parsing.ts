import type { Priority } from '../../call/priority.js';
import type {
  AcceptAnswer,
  BeginAnswer,
  ClaimAnswer,
  Effects,
  EndState,
  FinishAnswer,
  GiveBackAnswer,
  Kind,
  LeaveAnswer,
  Offer,
  Pace,
  ParkedWhy,
  PeekAnswer,
  RefusedWhy,
  RenewAnswer,
  RollCallWhy,
  Settlement,
  SweepAnswer,
} from './gate-answers.js';

/** Answers as our own scripts give them: nested lists. A fraction is a text, since Redis cuts numbers. */
type RawOffer = readonly [Offer['as'], id: string, lane: string, turn: number, Priority, delayMs: number, ParkedWhy | '', parkedMs: number];
type RawEffects = readonly [readonly RawOffer[], readonly RawSettlement[], hasRest: number];
type RawPace = readonly [avgRunMs: string, slots: number];
export type RawSettlement = readonly [
  id: string,
  seq: number,
  Kind,
  lane: string,
  Priority,
  EndState,
  why: string,
  begun: number,
  attempts: number,
  queuedMs: number,
  ranMs: number,
  Settlement['body'],
  bodyBytes: number,
];

type RawAccept =
  | readonly ['queued' | 'joined', seq: number, ahead: number, RawPace, RawEffects]
  | readonly ['mine', seq: number, turn: number, attempt: number]
  | readonly ['settled', RawSettlement]
  | readonly ['behind', generation: number]
  | readonly ['full', waiting: number, RawPace]
  | readonly ['conflict' | 'stale' | 'no_epoch'];

export function parseAccept(answer: unknown): AcceptAnswer {
  const raw = answer as RawAccept;
  switch (raw[0]) {
    case 'queued':
    case 'joined':
      return { as: raw[0], seq: raw[1], ahead: raw[2], pace: paceOf(raw[3]), effects: effectsOf(raw[4]) };
    case 'mine':
      return { as: 'mine', seq: raw[1], turn: raw[2], attempt: raw[3] };
    case 'settled':
      return { as: 'settled', settlement: settlementOf(raw[1]) };
    case 'behind':
      return { as: 'behind', generation: raw[1] };
    case 'full':
      return { as: 'full', waiting: raw[1], pace: paceOf(raw[2]) };
    case 'conflict':
    case 'stale':
    case 'no_epoch':
      return { as: raw[0] };
    default:
      return raw satisfies never;
  }
}

type RawRefusal = readonly ['no', RefusedWhy] | readonly ['wait', ms: number] | readonly ['expired', RawEffects] | readonly ['no_epoch'];

function refusalOf(raw: RawRefusal): Exclude<BeginAnswer, { as: 'go' }> {
  switch (raw[0]) {
    case 'no':
      return { as: 'no', why: raw[1] };
    case 'wait':
      return { as: 'wait', ms: raw[1] };
    case 'expired':
      return { as: 'expired', effects: effectsOf(raw[1]) };
    case 'no_epoch':
      return { as: 'no_epoch' };
    default:
      return raw satisfies never;
  }
}

type RawClaimed = readonly [
  'go',
  seq: number,
  Kind,
  lane: string,
  Priority,
  share: string,
  locks: string,
  payload: string,
  attempt: number,
  remainingMs: number,
  queuedMs: number,
];

export function parseClaim(answer: unknown): ClaimAnswer {
  const raw = answer as RawClaimed | RawRefusal;
  if (raw[0] !== 'go') return refusalOf(raw);
  const [as, seq, kind, lane, priority, share, locks, payload, attempt, remainingMs, queuedMs] = raw;
  return { as, seq, kind, lane, priority, share, locks, payload, attempt, remainingMs, queuedMs };
}

type RawBegun = readonly ['go', attempt: number, remainingMs: number, number: number];

/** @returns the answer, and the number that this begin took */
export function parseBegin(answer: unknown): { readonly answer: BeginAnswer; readonly number: number } {
  const raw = answer as RawBegun | RawRefusal;
  if (raw[0] !== 'go') return { answer: refusalOf(raw), number: 0 };
  const [as, attempt, remainingMs, number] = raw;
  return { answer: { as, attempt, remainingMs }, number };
}

type RawFinish =
  readonly ['ok', RawSettlement, RawEffects] | readonly ['again', RawEffects] | readonly ['late' | 'gone'] | readonly ['no', RefusedWhy];

export function parseFinish(answer: unknown): FinishAnswer {
  const raw = answer as RawFinish;
  switch (raw[0]) {
    case 'ok':
      return { as: 'ok', settlement: settlementOf(raw[1]), effects: effectsOf(raw[2]) };
    case 'again':
      return { as: 'again', effects: effectsOf(raw[1]) };
    case 'late':
    case 'gone':
      return { as: raw[0] };
    case 'no':
      return { as: 'no', why: raw[1] };
    default:
      return raw satisfies never;
  }
}

export function parseGiveBack(answer: unknown): GiveBackAnswer {
  const raw = answer as readonly ['offered' | 'settled', RawEffects] | readonly ['no', RefusedWhy];
  return raw[0] === 'no' ? { as: 'no', why: raw[1] } : { as: raw[0], effects: effectsOf(raw[1]) };
}

export function parseRenew(answer: unknown): RenewAnswer {
  const [lost, missing, renewed] = answer as [string[], string[], [holder: string, remainingMs: number][]];
  return { lost, missing, renewed: renewed.map(([holder, remainingMs]) => ({ holder, remainingMs })) };
}

type RawLeave =
  | readonly ['cancelled', RawEffects]
  | readonly ['detached' | 'running', Kind, 'waiting' | 'claimed' | 'begun']
  | readonly ['settled', RawSettlement]
  | readonly ['gone'];

export function parseLeave(answer: unknown): LeaveAnswer {
  const raw = answer as RawLeave;
  switch (raw[0]) {
    case 'cancelled':
      return { as: 'cancelled', effects: effectsOf(raw[1]) };
    case 'detached':
    case 'running':
      return { as: raw[0], kind: raw[1], phase: raw[2] };
    case 'settled':
      return { as: 'settled', settlement: settlementOf(raw[1]) };
    case 'gone':
      return { as: 'gone' };
    default:
      return raw satisfies never;
  }
}

type RawTally = readonly [number, number, number, number, number, number, number];
type RawSwept = readonly [
  'swept',
  epoch: string,
  rollCallMs: number,
  RollCallWhy | '',
  opened: RollCallWhy | '',
  RawEffects,
  RawTally,
  more: number,
  ended: readonly string[],
];

export function parseSweep(answer: unknown): SweepAnswer {
  const raw = answer as RawSwept | readonly ['foreign_schema', string];
  if (raw[0] === 'foreign_schema') return { as: 'foreign_schema', schema: raw[1] };
  const [as, epoch, rollCallMs, why, opened, effects, tally, more, ended] = raw;
  const [expired, lease_over, replica_dead, lane_dead, reoffered, aged, unheard] = tally;
  return {
    as,
    epoch,
    rollCall: why === '' ? undefined : { ms: rollCallMs, why },
    opened: opened === '' ? undefined : opened,
    effects: effectsOf(effects),
    swept: { expired, lease_over, replica_dead, lane_dead, reoffered, aged, unheard },
    more: more === 1,
    ended,
  };
}

type RawPeek = readonly [
  epoch: string,
  settled: readonly RawSettlement[],
  missing: readonly string[],
  open: readonly (readonly [id: string, seq: number, turn: number, holder: string])[],
  conflicting: readonly string[],
];

export function parsePeek(answer: unknown): PeekAnswer {
  const [epoch, settled, missing, open, conflicting] = answer as RawPeek;
  return {
    epoch: epoch === '' ? undefined : epoch,
    settled: settled.map(settlementOf),
    missing,
    open: open.map(([id, seq, turn, holder]) => ({ id, seq, turn, holder })),
    conflicting,
  };
}

export function settlementOf(raw: RawSettlement): Settlement {
  const [id, seq, kind, lane, priority, state, why, begun, attempts, queuedMs, ranMs, body, bodyBytes] = raw;
  return { id, seq, kind, lane, priority, state, why, begun: begun === 1, attempts, queuedMs, ranMs, body, bodyBytes };
}

function effectsOf([offers, settled, hasRest]: RawEffects): Effects {
  return { offers: offers.map(offerOf), settled: settled.map(settlementOf), hasRest: hasRest === 1 };
}

function offerOf([as, id, lane, turn, priority, delayMs, why, ms]: RawOffer): Offer {
  return { as, id, lane, turn, priority, delayMs, ...(why === '' ? {} : { parked: { why, ms } }) };
}

function paceOf([avgRunMs, slots]: RawPace): Pace {
  return { avgRunMs: Number(avgRunMs), slots };
}
