import type { Priority } from '../../call/priority.js';
import type { ServerRefusal } from './server-refusal.js';

export type Kind = 'read' | 'write';

/** One hand-out of one request: `turn` is fresh for each, `holder` names who has it (`<replica>#<n>`, n never used before). */
export interface HandOutKey {
  readonly id: string;
  readonly turn: number;
  readonly holder: string;
}

/** Whatever this holder was handed by an acceptance whose answer was lost: without the turn. */
export type UnheardHandOut = Omit<HandOutKey, 'turn'> & Partial<Pick<HandOutKey, 'turn'>>;

/**
 * What the scheduler has to be told; telling it twice does no harm. It stays in the gate's outbox until it is claimed,
 * so that one that is lost comes again from a sweep.
 *
 * - `new`: add a job `<id>.<turn>` of this class, after `delayMs`.
 * - `again`: the same, and most often there is one already.
 * - `raised`: change the class of the job that is there; add it when there is none.
 * - `gone`: take the job away; what it was for has ended.
 */
export interface Offer {
  readonly as: 'new' | 'again' | 'raised' | 'gone';
  readonly id: string;
  readonly lane: string;
  readonly turn: number;
  /** In which it is served; a join or age may have raised it over the one it was accepted in. */
  readonly priority: Priority;
  readonly delayMs: number;
  /** Why and how long it had been kept from the scheduler until now. */
  readonly parked?: { readonly why: ParkedWhy; readonly ms: number };
}

export type ParkedWhy = 'lock' | 'share';

/**
 * How requests end in the record. `expired` and `cancelled` prove that no byte of a write was sent. A read may have run in
 * vain before, or been stopped while it ran: that one says `begun`.
 */
export type EndState = 'done' | 'failed' | 'unknown' | 'expired' | 'cancelled';

/** What a record tells of a request that is over. */
export interface Settlement {
  readonly id: string;
  readonly seq: number;
  readonly kind: Kind;
  readonly lane: string;
  /** In which it was accepted. */
  readonly priority: Priority;
  readonly state: EndState;
  /** Word of the one who settled it: the reason of an `unknown`, of a `failed` without a body. */
  readonly why: string;
  /** Whether bytes may have left us. */
  readonly begun: boolean;
  readonly attempts: number;
  readonly queuedMs: number;
  readonly ranMs: number;
  /**
   * - `none`: state and reason are all there is.
   * - `inline`: came with this very message.
   * - `stored`: ask `Gate.body` for it soon; it may have gone, then it is `omitted`.
   * - `omitted`: there was one of `bodyBytes`, too large to keep.
   */
  readonly body: 'none' | 'inline' | 'stored' | 'omitted';
  /** Of the JSON text, before compression. */
  readonly bodyBytes: number;
}

/** What a script set free or ended on its way: tell the scheduler of the offers; the settled are for the counters. */
export interface Effects {
  readonly offers: readonly Offer[];
  readonly settled: readonly Settlement[];
  /** More were set free than one script may let go: sweep at once. */
  readonly hasRest: boolean;
}

/** How fast a lane is: `avgRunMs` is 0 while nothing has run, `slots` those of all live replicas. */
export interface Pace {
  readonly avgRunMs: number;
  readonly slots: number;
}

/**
 * - `queued`: accepted. Tell the scheduler of the offers and wait for the reply on the own channel.
 * - `mine`: accepted and handed to the `holder` that was sent along: run it here, scheduler and channel are not needed.
 *   A read has begun; a write still needs `begin`.
 * - `joined`: it is under way; wait as if queued. `offers` holds the raised one if this caller is more urgent.
 * - `settled`: it is over; the record answers.
 * - `conflict`: the id was used for another call; run nothing, replay nothing.
 * - `behind`: the equal read that runs is older than a write that was answered: accept again as `<id>.<generation>`.
 * - `full`: no room for this class.
 * - `stale`: arrived too late (or from a clock that is ahead); nothing was done, and nothing will be.
 * - `no_epoch`: Redis is empty or was emptied: `sweep`, then accept again.
 * - `refused`: by the server, before the script ran; nothing was done.
 */
export type AcceptAnswer =
  | { readonly as: 'queued'; readonly seq: number; readonly ahead: number; readonly pace: Pace; readonly effects: Effects }
  | { readonly as: 'mine'; readonly seq: number; readonly turn: number; readonly attempt: number }
  | { readonly as: 'joined'; readonly seq: number; readonly ahead: number; readonly pace: Pace; readonly effects: Effects }
  | { readonly as: 'settled'; readonly settlement: Settlement }
  | { readonly as: 'behind'; readonly generation: number }
  | { readonly as: 'full'; readonly waiting: number; readonly pace: Pace }
  | { readonly as: 'refused'; readonly why: ServerRefusal }
  | { readonly as: 'conflict' | 'stale' | 'no_epoch' };

/**
 * Why a script refused: the record is gone, over, in other hands, was offered anew since, waits for its lines again,
 * or has too little time left.
 */
export type RefusedWhy = 'gone' | 'settled' | 'taken' | 'old_turn' | 'parked' | 'not_claimed' | 'too_late';

/**
 * - `go`: it is ours until the lease ends. A read has begun, a write may `begin`.
 * - `no`: forget it.
 * - `wait`: after a restart of Redis no write moves until all replicas were heard: ask again after `ms`.
 * - `expired`: its time was over; it is settled.
 * - `no_epoch`: Redis has started anew and nobody has looked at what it still knows: `sweep`, then ask again.
 */
export type ClaimAnswer =
  | ({ readonly as: 'go' } & Claimed)
  | { readonly as: 'no'; readonly why: RefusedWhy }
  | { readonly as: 'wait'; readonly ms: number }
  | { readonly as: 'expired'; readonly effects: Effects }
  | { readonly as: 'no_epoch' };

export interface Claimed {
  readonly seq: number;
  readonly kind: Kind;
  readonly lane: string;
  /** In which it was accepted. */
  readonly priority: Priority;
  readonly share: string;
  /** JSON of the lock lines, as they were accepted; the signature covers it. */
  readonly locks: string;
  /** The signed envelope. */
  readonly payload: string;
  /** 1 for the first hand-out that begins. */
  readonly attempt: number;
  readonly remainingMs: number;
  /** Since acceptance, but for the time it ran before. */
  readonly queuedMs: number;
}

/** As with `ClaimAnswer`; after `go` bytes may leave. */
export type BeginAnswer =
  | { readonly as: 'go'; readonly attempt: number; readonly remainingMs: number }
  | { readonly as: 'no'; readonly why: RefusedWhy }
  | { readonly as: 'wait'; readonly ms: number }
  | { readonly as: 'expired'; readonly effects: Effects }
  | { readonly as: 'no_epoch' };

/**
 * - `ok`: recorded and sent to the other replicas that wait; own callers are answered by the one who finished.
 *   When it comes a second time the effects are empty: a sweep has them.
 * - `again`: a read that was stopped for want of callers or of time has been joined meanwhile; it is offered anew.
 * - `late`: the record said `unknown`; now it tells the truth, and nobody is answered twice.
 * - `gone`: Redis has forgotten the request; its replica of origin was told.
 * - `no`: in other hands; the result counts for nothing.
 */
export type FinishAnswer =
  | { readonly as: 'ok'; readonly settlement: Settlement; readonly effects: Effects }
  | { readonly as: 'again'; readonly effects: Effects }
  | { readonly as: 'late' | 'gone' }
  | { readonly as: 'no'; readonly why: RefusedWhy };

/**
 * - `offered`: it waits for the next hand-out.
 * - `settled`: its time is over, or nobody waits for it any more; the settlement is the last of the effects.
 * - `no` with `too_late`: a retry cannot begin before the deadline: finish it as failed. Else forget it.
 */
export type GiveBackAnswer =
  { readonly as: 'offered' | 'settled'; readonly effects: Effects } | { readonly as: 'no'; readonly why: RefusedWhy };

/** Each by its holder: after a loss one process may hold two hand-outs of one request. */
export interface RenewAnswer {
  /** In other hands or settled: abort, no hold, nothing may reach an upstream any more. */
  readonly lost: readonly string[];
  /** Redis does not know them: not renewed, and that is all; the own fence bounds them. */
  readonly missing: readonly string[];
  /** Renewed, with the time to the deadline that the latest joiner has set. */
  readonly renewed: readonly { readonly holder: string; readonly remainingMs: number }[];
}

/**
 * What to tell a caller who goes, and whether the request goes too.
 *
 * - `cancelled`: it was the last and nothing was sent: proved.
 * - `detached`: others wait; `phase` is what it does meanwhile.
 * - `running`: it had begun. A read's holder was told to stop; a write goes on and is recorded.
 * - `settled`: it was over before.
 * - `gone`: Redis does not know it. No proof of anything by itself.
 */
export type LeaveAnswer =
  | { readonly as: 'cancelled'; readonly effects: Effects }
  | { readonly as: 'detached' | 'running'; readonly kind: Kind; readonly phase: 'waiting' | 'claimed' | 'begun' }
  | { readonly as: 'settled'; readonly settlement: Settlement }
  | { readonly as: 'gone' };

/**
 * - `swept`: done. Tell the scheduler of the offers. `more`: there is work left, sweep again soon.
 *   When `epoch` is not the one that was sent along, Redis may have lost data: renew everything that is held, then
 *   sweep again with the new epoch. Only that second sweep counts as heard in the roll call.
 * - `foreign_schema`: other replicas keep other records in this Redis: not ready, until one side is gone.
 */
export type SweepAnswer =
  | {
      readonly as: 'swept';
      readonly epoch: string;
      /** How long writes may still be held back; absent without a roll call, and to a replica that does not know the epoch yet. */
      readonly rollCall?: { readonly ms: number; readonly why: RollCallWhy };
      /** Told to the replica that opened the roll call, in each sweep until it comes with the new epoch. */
      readonly opened?: RollCallWhy;
      readonly effects: Effects;
      /** What was mended, by kind, for the counters. */
      readonly swept: Readonly<Record<SweptWhat, number>>;
      readonly more: boolean;
      /** Lanes of dead replicas: take away what the scheduler keeps of them, then `forgetLane`. Told again until then. */
      readonly ended: readonly string[];
    }
  | { readonly as: 'foreign_schema'; readonly schema: string };

/** `restart`: another run of Redis; `emptied`: another epoch than was known; `lost_tail`: a number it does not remember. */
export type RollCallWhy = 'restart' | 'emptied' | 'lost_tail';

export type SweptWhat = 'expired' | 'lease_over' | 'replica_dead' | 'lane_dead' | 'reoffered' | 'aged' | 'unheard';

export interface PeekAnswer {
  /** Under which this is true; undefined when Redis has started anew or was emptied and nobody has swept yet. */
  readonly epoch?: string;
  readonly settled: readonly Settlement[];
  /** A proof of absence only under the epoch that held when the request was sent. */
  readonly missing: readonly string[];
  /** Accepted and not over; without a holder nobody has it in hand. */
  readonly open: readonly { readonly id: string; readonly seq: number; readonly turn: number; readonly holder: string }[];
  /** Another call has the id. */
  readonly conflicting: readonly string[];
}
