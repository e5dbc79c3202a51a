import { setTimeout as pause } from 'node:timers/promises';
import type { Redis as Connection } from 'ioredis';
import type { Priority } from '../../call/priority.js';
import type { Script } from '../../redis/script.js';
import { upstreamOf } from '../lane-name.js';
import type { LockLine } from '../lock-lines.js';
import type { JobKey, QueueStats } from '../work-queue.js';
import type {
  AcceptAnswer,
  BeginAnswer,
  ClaimAnswer,
  EndState,
  FinishAnswer,
  GiveBackAnswer,
  HandOutKey,
  Kind,
  LeaveAnswer,
  PeekAnswer,
  RenewAnswer,
  SweepAnswer,
  UnheardHandOut,
} from './gate-answers.js';
import { GateKeys } from './gate-keys.js';
import {
  parseAccept,
  parseBegin,
  parseClaim,
  parseFinish,
  parseGiveBack,
  parseLeave,
  parsePeek,
  parseRenew,
  parseSweep,
} from './gate-parsing.js';
import { gateScripts, type ScriptName } from './gate-scripts.js';
import { parseStats } from './gate-stats.js';
import { GATE_TIMES, type GateTimes } from './gate-times.js';
import { lockText } from './lock-text.js';
import type { OutcomeBody } from './outcome-body.js';
import { isRefusedForNow, refusalOf } from './server-refusal.js';

/** Redis as the gate uses it: `command` gives up soon, `work` sends until it passes. */
export interface GateRedis {
  /** `{<prefix>}`. */
  readonly tag: string;
  readonly replica: string;
  readonly command: Connection;
  readonly work: Connection;
}

const SWEEP_LIMIT = 100;
const ASK_AGAIN_MS = 250;
/** Redis takes more; a list of this length leaves room for nobody else for too long. */
const MOST_IDS = 200;

/**
 * Owns acceptance, locks, journal, leases and outcomes of all replicas, by scripts that Redis runs atomically: one for
 * each method, for long lists in `renew` and `peek` one after the other; `body` and `forgetLane` are plain commands.
 * What a holder tells (`claim`, `begin`, `finish`, `giveBack`, `renew`) goes over the connection that sends until it
 * passes, and may arrive twice: for the same holder and turn it is idempotent. All else goes over the one that gives up soon.
 */
export class Gate {
  readonly channel: string;
  private readonly keys: GateKeys;
  private readonly scripts: Readonly<Record<ScriptName, Script>>;
  /** Proves that Redis has lost data when it remembers none as large. */
  private largestNumber = 0;

  constructor(
    private readonly redis: GateRedis,
    times: Partial<GateTimes> = {},
    private readonly onScript: (name: ScriptName, ms: number) => void = () => undefined,
  ) {
    this.keys = new GateKeys(redis.tag);
    this.channel = this.keys.channel(redis.replica);
    this.scripts = gateScripts(this.keys.prefix, { ...GATE_TIMES, ...times });
  }

  /** Puts a request into all its lines under one seq. Never send an acceptance twice: when its answer is lost, `peek`. */
  async accept(request: Acceptance): Promise<AcceptAnswer> {
    const { key, kind, lane, priority, share, lines, payload, budgetMs, attempts, sentAt, maxSize, holder = '' } = request;
    const upstream = upstreamOf(lane);
    const keys = this.keys.forAcceptance(key.id, lane, upstream, lines);
    const hash = key.as === 'client' ? key.hash : '';
    const identity = [key.id, key.as, hash, payload, kind, lane, upstream];
    const terms = [priority, share, lockText(lines), Math.ceil(budgetMs), attempts, sentAt, maxSize, this.redis.replica, holder];
    try {
      const answer = parseAccept(await this.command('accept', keys, [...identity, ...terms]));
      if ('seq' in answer) this.remember(answer.seq);
      if (answer.as === 'mine') this.remember(answer.turn);
      return answer;
    } catch (error) {
      const why = refusalOf(error);
      if (why) return { as: 'refused', why };
      throw error;
    }
  }

  async claim({ id, turn, holder }: HandOutKey): Promise<ClaimAnswer> {
    this.remember(turn);
    return parseClaim(await this.work('claim', this.keys.forRequest(id), [id, turn, holder]));
  }

  /** Writes only: a read began when it was claimed. */
  async begin({ id, turn, holder }: HandOutKey): Promise<BeginAnswer> {
    const { answer, number } = parseBegin(await this.work('begin', this.keys.forRequest(id), [id, turn, holder]));
    this.remember(number);
    return answer;
  }

  /** @param origin the replica that the signed envelope names, told when Redis has forgotten the request */
  async finish({ id, turn, holder }: HandOutKey, ending: Ending, origin: string): Promise<FinishAnswer> {
    const { state, why, begun, body, ranMs } = ending;
    const told = [state, why, begun ? 1 : 0, Math.round(ranMs), body?.bytes ?? '', body?.textBytes ?? 0, origin];
    return parseFinish(await this.work('finish', this.keys.forRequest(id), [id, turn, holder, ...told]));
  }

  async giveBack({ id, turn = 0, holder }: UnheardHandOut, { as, delayMs, ranMs }: GiveBack): Promise<GiveBackAnswer> {
    const told = [as, Math.round(delayMs), Math.round(ranMs)];
    return parseGiveBack(await this.work('give-back', this.keys.forRequest(id), [id, turn, holder, ...told]));
  }

  /** All that this replica holds, in one go; also nothing. */
  async renew(held: readonly Held[]): Promise<RenewAnswer> {
    const answers: RenewAnswer[] = [];
    for (const some of inGroups(held)) {
      const told = some.flatMap(({ id, turn, holder, begun }) => [id, turn, holder, begun ? 1 : 0]);
      answers.push(parseRenew(await this.work('renew', this.keys.forAll(), told)));
    }
    return {
      lost: answers.flatMap(({ lost }) => lost),
      missing: answers.flatMap(({ missing }) => missing),
      renewed: answers.flatMap(({ renewed }) => renewed),
    };
  }

  /** This replica's last caller of the request goes, of its own will or because its time is over. */
  async leave(id: string, why: 'left' | 'deadline'): Promise<LeaveAnswer> {
    return parseLeave(await this.command('leave', this.keys.forRequest(id), [id, this.redis.replica, why]));
  }

  /**
   * Mends what time and dead replicas leave behind, and says that this one lives. Twice a second, at once when slots
   * change, and on each new connection after `renew`.
   */
  async sweep({ slots, epoch = '', limit = SWEEP_LIMIT }: Report): Promise<SweepAnswer> {
    const { replica } = this.redis;
    const told = [replica, epoch, this.largestNumber, limit, ...Object.entries(slots).flat()];
    return parseSweep(await this.command('sweep', this.keys.forReplica(replica), told));
  }

  /** An ended lane of which nothing is left. */
  async forgetLane(lane: string): Promise<void> {
    await this.redis.command.zrem(this.keys.endedLanes, lane);
  }

  async peek(asked: readonly Asked[]): Promise<PeekAnswer> {
    const answers: PeekAnswer[] = [];
    for (const some of inGroups(asked)) {
      const told = some.flatMap(({ id, hash = '' }) => [id, hash]);
      answers.push(parsePeek(await this.command('peek', this.keys.forAll(), told)));
    }
    const epochs = new Set(answers.map(({ epoch }) => epoch));
    return {
      epoch: epochs.size === 1 ? answers[0]?.epoch : undefined,
      settled: answers.flatMap(({ settled }) => settled),
      missing: answers.flatMap(({ missing }) => missing),
      open: answers.flatMap(({ open }) => open),
      conflicting: answers.flatMap(({ conflicting }) => conflicting),
    };
  }

  async stats(): Promise<QueueStats> {
    return parseStats(await this.command('stats', this.keys.forAll(), []));
  }

  /** What a settlement with `stored` stands for, packed; undefined once it has gone. */
  async body(id: string): Promise<Buffer | undefined> {
    const { command } = this.redis;
    return (await command.getBuffer(this.keys.body(id))) ?? (await command.hgetBuffer(this.keys.record(id), 'answer')) ?? undefined;
  }

  /** Takes this replica out: its slots no longer count and nobody waits for its death. */
  async retire(): Promise<void> {
    const { replica } = this.redis;
    await this.command('retire', this.keys.forReplica(replica), [replica]);
  }

  private command(name: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.run(name, this.redis.command, keys, args);
  }

  /** Until it passes: a Redis that refuses it for now is no other than one that is away. */
  private async work(name: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    for (;;) {
      try {
        return await this.run(name, this.redis.work, keys, args);
      } catch (error) {
        if (!isRefusedForNow(error) || this.redis.work.status === 'end') throw error;
        await pause(ASK_AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  /** Timed with the way there and back, and whatever the connection waited for. */
  private async run(name: ScriptName, connection: Connection, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const sentAt = performance.now();
    try {
      return await this.scripts[name].run(connection, keys, args);
    } finally {
      this.onScript(name, performance.now() - sentAt);
    }
  }

  private remember(number: number): void {
    this.largestNumber = Math.max(this.largestNumber, number);
  }
}

type Argument = string | number | Buffer;

function inGroups<T>(list: readonly T[]): readonly (readonly T[])[] {
  const groups: (readonly T[])[] = [];
  for (let start = 0; start === 0 || start < list.length; start += MOST_IDS) groups.push(list.slice(start, start + MOST_IDS));
  return groups;
}

export interface Acceptance {
  readonly key: JobKey;
  readonly kind: Kind;
  /** `<upstream>`, or `<upstream>@<replica>` when only that replica can run it. */
  readonly lane: string;
  readonly priority: Priority;
  readonly share: string;
  /** None when nothing is locked; their order does not matter. */
  readonly lines: readonly LockLine[];
  /** The signed envelope. */
  readonly payload: string;
  readonly budgetMs: number;
  /** How often a read may begin in all. */
  readonly attempts: number;
  /** The clock of Redis when this is sent, in ms. */
  readonly sentAt: number;
  readonly maxSize: number;
  /** There is a slot free here: whoever would be offered may as well run at once, as this holder. */
  readonly holder?: string;
}

/** How a request ended, told by its holder. */
export interface Ending {
  readonly state: Extract<EndState, 'done' | 'failed' | 'unknown' | 'cancelled'>;
  /** For a state without a body; a read that `failed` by `deadline` was stopped, and runs again when somebody has time left. */
  readonly why: string;
  /** Whether `Job.begin` had been passed: a read that never asked did not begin for its callers. */
  readonly begun: boolean;
  readonly body?: OutcomeBody;
  readonly ranMs: number;
}

/** `put_back`: certain that no byte left, no attempt counted. `retry`: a read that ran in vain. */
export interface GiveBack {
  readonly as: 'put_back' | 'retry';
  readonly delayMs: number;
  /** Of this hand-out, when it had begun. */
  readonly ranMs: number;
}

export interface Asked {
  readonly id: string;
  /** Of the call, where callers choose the id and it may stand for another one; absent: whatever it stands for. */
  readonly hash?: string;
}

export interface Held extends HandOutKey {
  readonly begun: boolean;
}

export interface Report {
  /** Of the lanes that are open here; those that are not named are closed. */
  readonly slots: Readonly<Record<string, number>>;
  /** The last one this replica knows and has renewed under; absent before its first sweep. */
  readonly epoch?: string;
  /** How many requests one sweep may touch. */
  readonly limit?: number;
}
