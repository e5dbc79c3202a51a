import { validateSync } from 'class-validator';
import { BridgeError } from '../call/bridge-error.js';
import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import { TOKEN_PATTERN } from './call-params.dto.js';

/** A request body of either form, taken apart; the answer has the same form. */
export interface CallBody {
  readonly form: 'envelope' | 'short';
  /** Echoed as it came: `1`, `"1"` and null are three ids. */
  readonly id: string | number | null;
  readonly params: JsonObject;
  readonly requestId?: string;
}

/**
 * A body with `jsonrpc` or `method` is a JSON-RPC envelope, anything else is the params themselves.
 * @throws BridgeError `invalid_request`, `invalid_params`
 */
export function readBody(body: unknown, method: string): CallBody {
  if (Array.isArray(body))
    throw new BridgeError('invalid_request', 'A batch is not accepted: send one request at a time', { field: 'body' });
  if (!isJsonObject(body)) throw new BridgeError('invalid_request', 'The body must be a JSON object', { field: 'body' });
  return 'jsonrpc' in body || 'method' in body ? readEnvelope(body, method) : readShort(body);
}

function readEnvelope(body: JsonObject, method: string): CallBody {
  if ('jsonrpc' in body && body.jsonrpc !== '2.0') throw invalidRequest('jsonrpc', 'must be "2.0"');
  if (body.method !== method) throw invalidRequest('method', `must be "${method}" on this route`);
  const id = body.id ?? null;
  if (id !== null && !isId(id))
    throw invalidRequest('id', 'must be a string, a number or null; a whole number of 16 digits and more as a string');
  const given = body.params ?? {};
  if (!isJsonObject(given)) throw invalidParams([{ field: 'params', message: 'params must be an object' }]);
  // where a short form was wrapped as it was, its id is among the params; unheeded, a repeat would run again
  const { request_id: inside, ...params } = given;
  return { form: 'envelope', id, params, ...readRequestId(body.request_id ?? inside) };
}

/** What can be echoed as it came: a larger whole number loses its last digits when it is read. */
export function isId(value: Json | undefined): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && (!Number.isInteger(value) || Number.isSafeInteger(value)));
}

function readShort({ request_id: requestId, ...params }: JsonObject): CallBody {
  return { form: 'short', id: null, params, ...readRequestId(requestId) };
}

function readRequestId(value: Json | undefined): { requestId?: string } {
  if (value === undefined || value === null) return {};
  if (typeof value === 'string' && TOKEN_PATTERN.test(value)) return { requestId: value };
  throw invalidParams([{ field: 'request_id', message: 'request_id must be 1 to 128 characters of A-Z a-z 0-9 . _ : -' }]);
}

/**
 * The fields of `params` that `shape` names, checked by its decorators. What it does not name stays unread.
 * @throws BridgeError `invalid_params` with every wrong field
 */
export function readParams<T extends object>(shape: new () => T, params: JsonObject): T {
  const dto = Object.assign(new shape(), params);
  const errors = validateSync(dto, { forbidUnknownValues: false, stopAtFirstError: true });
  if (errors.length === 0) return dto;
  throw invalidParams(
    errors.map(({ property, constraints }) => ({ field: property, message: Object.values(constraints ?? {}).join('; ') })),
  );
}

export function invalidParams(errors: readonly { field: string; message: string }[]): BridgeError {
  return new BridgeError('invalid_params', `Invalid params: ${errors.map(({ message }) => message).join('; ')}`, { errors });
}

function invalidRequest(field: string, message: string): BridgeError {
  return new BridgeError('invalid_request', `Invalid request: ${field} ${message}`, { field });
}
