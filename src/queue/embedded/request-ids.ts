import { BridgeError } from '../../call/bridge-error.js';
import type { JobKey } from '../work-queue.js';
import { type Ending, keptAs } from '../ending.js';
import type { ReplayStore, Settled } from './replay-store.js';
import type { Request } from './request.js';

export type Known =
  { readonly as: 'open'; readonly request: Request } | { readonly as: 'settled'; readonly settled: Settled; readonly ending: Ending };

/** Which request a key names: joined while it is open, replayed once it is over, or nobody yet. */
export class RequestIds {
  private readonly named = new Map<string, Request>();
  private readonly shared = new Map<string, Request>();

  constructor(private readonly replays: ReplayStore) {}

  /**
   * @param generation writes settled on the upstream: a running read that is older is not joined
   * @throws BridgeError `request_id_reused`
   */
  find(key: JobKey, generation: number): Known | undefined {
    switch (key.as) {
      case 'once':
        return undefined;
      case 'shared': {
        const request = this.shared.get(key.id);
        const isStale = request?.handOut?.begun === true && request.generation !== generation;
        return request && !isStale ? { as: 'open', request } : undefined;
      }
      case 'client':
        return this.findNamed(key);
      default:
        return key satisfies never;
    }
  }

  open(request: Request): void {
    const { key } = request.spec;
    if (key.as === 'shared') this.shared.set(key.id, request);
    if (key.as === 'client') {
      this.named.set(key.id, request);
      this.replays.delete(key.id);
    }
  }

  /** From now on nobody joins the request. */
  close(request: Request): void {
    const { key } = request.spec;
    if (key.as === 'once') return;
    const open = key.as === 'shared' ? this.shared : this.named;
    if (open.get(key.id) === request) open.delete(key.id);
  }

  /** Remembers how a named request ended, unless its id has been taken up again since. */
  remember(request: Request, ending: Ending, now: number): void {
    const { key, kind } = request.spec;
    if (key.as !== 'client' || this.named.has(key.id)) return;
    const replayed = mayReplay(ending, kind) ? keptAs(ending) : undefined;
    this.replays.put(key.id, kind, { hash: key.hash, seq: request.seq, ending: replayed, timing: request.timing(now) });
  }

  private findNamed({ id, hash }: JobKey & { as: 'client' }): Known | undefined {
    const request = this.named.get(id);
    const settled = this.replays.find(id);
    const known = request?.spec.key.as === 'client' ? request.spec.key.hash : settled?.hash;
    if (known !== undefined && known !== hash) {
      throw new BridgeError('request_id_reused', 'This request id was used with another payload', { outcome: 'not_started' });
    }
    if (request) return { as: 'open', request };
    return settled?.ending && { as: 'settled', settled, ending: settled.ending };
  }
}

/** What did not happen may happen now, and a failed read is worth another try. */
function mayReplay(ending: Ending, kind: 'read' | 'write'): boolean {
  switch (ending.state) {
    case 'done':
    case 'unknown':
      return true;
    case 'failed':
      return kind === 'write' && ending.begun;
    case 'not_started':
      return false;
    default:
      return ending satisfies never;
  }
}
