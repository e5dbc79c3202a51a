import { BridgeError } from '../call/bridge-error.js';
import type { CallResult } from '../call/call-plan.js';
import { CallAbort, type CallSignal } from '../call/call-signal.js';

/** A read under way, which all who want the same wait for. */
export interface Flight {
  readonly landed: Promise<CallResult>;
  readonly since: number;
  /** Waits as one more passenger, until `signal` says that this one has left. */
  join(signal: CallSignal): Promise<CallResult>;
}

/** One flight per key. A flight is called off only when its last passenger has left. */
export class Flights {
  private readonly flights = new Map<string, Flight>();

  get(key: string): Flight | undefined {
    return this.flights.get(key);
  }

  /** Starts a flight; one that is under way for the same key takes no more passengers. */
  start(key: string, since: number, load: (signal: CallSignal) => Promise<CallResult>): Flight {
    const leaving = new CallAbort();
    let passengers = 0;
    const landed = load(leaving).finally(() => this.close(key, flight));
    landed.catch(() => undefined); // every passenger hears of it, and there may be none left
    const flight: Flight = {
      landed,
      since,
      join: async (signal) => {
        passengers += 1;
        try {
          return await unlessAborted(landed, signal);
        } finally {
          passengers -= 1;
          if (passengers === 0) {
            this.close(key, flight);
            leaving.abort(signal.reason);
          }
        }
      },
    };
    this.flights.set(key, flight);
    return flight;
  }

  private close(key: string, flight: Flight): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: CallSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(callerLeft());
  return new Promise((resolve, reject) => {
    const listener = { handleEvent: () => reject(callerLeft()) };
    signal.addEventListener('abort', listener);
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', listener));
  });
}

function callerLeft(): BridgeError {
  return new BridgeError('deadline_passed', 'The caller left before the answer was there', { phase: 'queued', reason: 'cancelled' });
}
