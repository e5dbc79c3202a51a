import type { IncomingHttpHeaders } from 'node:http';
import { BridgeError } from '../call/bridge-error.js';
import type { CacheControl, Wishes } from '../call/call-plan.js';
import { PRIORITIES, type Priority, type PriorityName, priorityOf } from '../call/priority.js';
import { TOKEN_PATTERN } from './call-params.dto.js';

export interface CallHeaders {
  readonly wishes: Wishes;
  readonly session?: string;
  readonly requestId?: string;
  /** A label for logs; never proof of identity. */
  readonly clientId?: string;
}

const MAX_TIMEOUT_SECONDS = 300;
const MIN_TIMEOUT_SECONDS = 0.001;
const NOTHING_SAID: CacheControl = {};

/** @throws BridgeError `invalid_params` naming the header, its value and what it may be */
export function readHeaders(headers: IncomingHttpHeaders): CallHeaders {
  const priority = readPriority(single(headers, 'x-priority'));
  const timeoutMs = readTimeout(single(headers, 'x-timeout'));
  const session = single(headers, 'x-session-id');
  const requestId = readRequestId(single(headers, 'x-request-id'));
  const clientId = readClientId(single(headers, 'x-client-id'));
  return {
    wishes: {
      ...(priority !== undefined && { priority }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      cacheControl: readCacheControl(single(headers, 'x-cache-control') ?? headers['cache-control']),
    },
    ...(session !== undefined && { session }),
    ...(requestId !== undefined && { requestId }),
    ...(clientId !== undefined && { clientId }),
  };
}

function single(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function readPriority(value: string | undefined): Priority | undefined {
  if (value === undefined) return undefined;
  const name = value.trim().toUpperCase();
  if (!(PRIORITIES as readonly string[]).includes(name)) throw invalid('X-Priority', value, `one of ${PRIORITIES.join(', ')}`);
  return priorityOf(name as PriorityName);
}

function readTimeout(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : NaN;
  if (seconds >= MIN_TIMEOUT_SECONDS && seconds <= MAX_TIMEOUT_SECONDS) return seconds * 1000;
  throw invalid('X-Timeout', value, `seconds from ${MIN_TIMEOUT_SECONDS} to ${MAX_TIMEOUT_SECONDS}, decimals allowed`);
}

function readRequestId(value: string | undefined): string | undefined {
  if (value === undefined || TOKEN_PATTERN.test(value)) return value;
  throw invalid('X-Request-ID', value, '1 to 128 characters of A-Z a-z 0-9 . _ : -');
}

function readClientId(value: string | undefined): string | undefined {
  if (value === undefined || /^\P{Cc}{0,128}$/u.test(value)) return value;
  throw invalid('X-Client-ID', value, 'at most 128 characters, none of them a control character');
}

/** Anything else in the header is skipped, as HTTP asks. */
function readCacheControl(value: string | undefined): CacheControl {
  if (value === undefined) return NOTHING_SAID;
  const directives = new Map(value.split(',').map(readDirective));
  const maxAge = directives.get('max-age');
  return {
    ...(maxAge !== undefined && /^\d{1,9}$/.test(maxAge) && { maxAgeMs: Number(maxAge) * 1000 }),
    ...(directives.has('no-cache') && { noCache: true }),
    ...(directives.has('no-store') && { noStore: true }),
    ...(directives.has('only-if-cached') && { onlyIfCached: true }),
  };
}

function readDirective(text: string): [string, string] {
  const [name = '', value = ''] = text.trim().split('=', 2);
  return [name.toLowerCase(), value.replaceAll('"', '')];
}

function invalid(header: string, value: string, expected: string): BridgeError {
  return new BridgeError('invalid_params', `${header} must be ${expected}`, {
    errors: [{ field: header, message: `must be ${expected}`, value: value.slice(0, 200) }],
  });
}
