/**
 * Every way in which a call can fail. `kind` is what the caller's retries go by, `dispatched: false` the proof that
 * nothing reached Home Assistant. Without a kind it is an answer like any other: asking again changes nothing.
 */
const FAILURES = {
  ha_unreachable: { kind: 'unavailable', dispatched: false },
  ha_starting: { kind: 'unavailable', dispatched: false },
  ha_timeout: { kind: 'unavailable', dispatched: true },
  ha_outcome_unknown: { kind: 'unknown', dispatched: true },
  ha_unauthorized: { kind: 'refused', dispatched: false },
  ha_banned: { kind: 'refused', dispatched: false },
  ha_not_configured: { kind: 'refused', dispatched: false },
  entity_not_found: null,
  service_not_found: null,
  invalid_service_data: null,
  invalid_automation: null,
  ha_error: null,
  ha_forbidden: null,
  result_too_large: null,
} as const satisfies Record<string, { kind: 'unavailable' | 'unknown' | 'refused'; dispatched: boolean } | null>;

export type FailureCode = keyof typeof FAILURES;

interface Advice {
  readonly retryAfterMs?: number;
  readonly suggestion?: string;
}

/** A call that fails with a code of the table; the message is for the person who called. */
export class HouseFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    private readonly advice: Advice = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'HouseFailure';
  }

  get refused(): boolean {
    return FAILURES[this.code]?.kind === 'refused';
  }

  /** What the result says of it beside the text. */
  get meta(): Record<string, unknown> {
    const row = FAILURES[this.code];
    const { retryAfterMs, suggestion } = this.advice;
    const advice = {
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    return { 'hass/error': this.code, ...(row === null ? {} : { 'bridge/failure': { code: this.code, ...row, ...advice } }) };
  }
}

/** Arguments that cannot be used: a JSON-RPC error, not a result. */
export class InvalidArguments extends Error {
  readonly code = -32602;
  readonly data: { readonly errors: readonly { readonly path: string; readonly message: string }[] };

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.name = 'InvalidArguments';
    this.data = { errors: [{ path, message }] };
  }
}

/** Home Assistant's no to a command, in its own words. */
export class CommandRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CommandRefused';
  }
}

export function unreachable(reason: string, retryAfterMs?: number): HouseFailure {
  return new HouseFailure('ha_unreachable', `Home Assistant injoignable: ${reason}`, { retryAfterMs });
}

/**
 * Runs what has to be known before a write is sent. That a question was lost on the way says nothing of the write: it
 * did not leave us.
 */
export async function beforeSending<T>(prepare: () => Promise<T>): Promise<T> {
  try {
    return await prepare();
  } catch (error) {
    if (error instanceof HouseFailure && error.code === 'ha_timeout') throw unreachable('Connection timeout');
    throw error;
  }
}

export function timedOut(): HouseFailure {
  return new HouseFailure('ha_timeout', "Home Assistant n'a pas répondu à temps");
}

/** What the house sends is longer than we read at a time. */
export function answerTooLong(): HouseFailure {
  return new HouseFailure('result_too_large', 'la réponse de Home Assistant dépasse 64 Mio; préciser domain, limit ou hours');
}

export function outcomeUnknown(): HouseFailure {
  return new HouseFailure('ha_outcome_unknown', "ordre envoyé, réponse perdue: résultat inconnu; lire l'état avant de répéter");
}
