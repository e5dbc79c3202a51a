/** As much of an AbortSignal as the path of a call needs: every AbortSignal is one. */
export interface CallSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: AbortListener): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}

export interface AbortListener {
  handleEvent(): void;
}

/** A signal and its trigger. Hardly any call is aborted, and each would pay for a pair of the platform's own: 4 µs on Node 20. */
export class CallAbort<Reason = unknown> implements CallSignal {
  aborted = false;
  reason: Reason | undefined;
  private readonly listeners: AbortListener[] = [];

  /** Only the first time counts. */
  abort(reason?: Reason): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (let listener = this.listeners.shift(); listener; listener = this.listeners.shift()) listener.handleEvent();
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    const place = this.listeners.indexOf(listener);
    if (place >= 0) this.listeners.splice(place, 1);
  }
}
