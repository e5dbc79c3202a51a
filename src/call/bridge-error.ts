import type { Json, JsonObject } from './json.js';

/** Every error a caller can meet: JSON-RPC code and HTTP status. The only place with either number. */
export const BRIDGE_ERRORS = {
  parse_error: { code: -32700, http: 400 },
  invalid_request: { code: -32600, http: 400 },
  method_not_allowed: { code: -32600, http: 405 },
  unsupported_media_type: { code: -32600, http: 415 },
  method_not_found: { code: -32601, http: 404 },
  invalid_params: { code: -32602, http: 400 },
  internal_error: { code: -32603, http: 500 },
  no_sessions: { code: -32000, http: 503 },
  queue_full: { code: -32000, http: 503 },
  draining: { code: -32000, http: 503 },
  store_away: { code: -32000, http: 503 },
  session_expired: { code: -32001, http: 404 },
  deadline_passed: { code: -32002, http: 504 },
  rate_limited: { code: -32003, http: 429 },
  upstream_unavailable: { code: -32004, http: 503 },
  outcome_unknown: { code: -32005, http: 502 },
  request_id_reused: { code: -32006, http: 422 },
  unauthorized: { code: -32010, http: 401 },
  forbidden: { code: -32011, http: 403 },
  too_large: { code: -32012, http: 413 },
  upstream_error: { code: -32100, http: 502 },
} as const satisfies Record<string, { code: number; http: number }>;

export type BridgeErrorName = keyof typeof BRIDGE_ERRORS;

/** A BridgeError as it crosses the queue: a name, words and data, no number and no stack. */
export type ErrorBody = {
  readonly name: BridgeErrorName;
  readonly message: string;
  readonly data: JsonObject;
};

/** An error with a name from the table; `data` goes to the caller, `cause` only to the log. */
export class BridgeError extends Error {
  constructor(
    readonly reason: BridgeErrorName,
    message: string,
    readonly data: Readonly<Record<string, Json>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BridgeError';
  }

  static from(body: ErrorBody): BridgeError {
    return new BridgeError(body.name, body.message, body.data);
  }

  get code(): number {
    return BRIDGE_ERRORS[this.reason].code;
  }

  get body(): ErrorBody {
    return { name: this.reason, message: this.message, data: this.data };
  }

  /** The same error with more to say to the caller. */
  with(data: JsonObject): BridgeError {
    return new BridgeError(this.reason, this.message, { ...this.data, ...data }, { cause: this.cause });
  }
}
