import { constants } from 'node:http2';
import { reasonOf } from './connection-error.js';
import { answerTooLong, HouseFailure, outcomeUnknown, timedOut, unreachable } from './failures.js';
import type { HouseConnection } from './house-connection.js';
import { parseJson } from './fields.js';
import { refusalOf } from './house-login.js';
import type { Settings } from './settings.js';

const MAX_BODY_BYTES = 64 << 20;

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The few things that Home Assistant offers by HTTP only. */
export class HouseRest {
  constructor(
    private readonly settings: Settings,
    private readonly connection: HouseConnection,
  ) {}

  /** @throws HouseFailure when there is no answer, or none to us */
  async get(path: string, signal: AbortSignal): Promise<RestAnswer> {
    await this.connection.ready(signal);
    try {
      return await this.request(path, { method: 'GET', signal });
    } catch (error) {
      throw error instanceof HouseFailure ? error : timedOut();
    }
  }

  /** A write: from the moment it is sent nobody's leaving ends it. */
  async post(path: string, body: object, signal: AbortSignal): Promise<RestAnswer> {
    await this.connection.ready(signal);
    if (signal.aborted) throw unreachable('abandonné avant l’envoi');
    return this.connection.settle(
      this.request(path, { method: 'POST', body: JSON.stringify(body) }).catch((error: unknown) => {
        if (error instanceof HouseFailure) throw error;
        if (neverSent(error)) throw unreachable(reasonOf(fetchCause(error)));
        throw outcomeUnknown();
      }),
    );
  }

  private async request(path: string, init: RequestInit): Promise<RestAnswer> {
    const { house } = this.settings;
    if ('missing' in house) throw unreachable('Not configured');
    const headers = { authorization: `Bearer ${house.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${house.url}/api/${path}`, { ...init, headers, redirect: 'error' });
    const refusal = refusalOf(response.status);
    if (refusal instanceof HouseFailure) {
      this.connection.refuse(refusal);
      throw refusal;
    }
    const text = await bodyOf(response);
    return { status: response.status, body: parseJson(text) ?? text };
  }
}

export function succeeded({ status }: RestAnswer): boolean {
  return status === constants.HTTP_STATUS_OK;
}

export function isMissing({ status }: RestAnswer): boolean {
  return status === constants.HTTP_STATUS_NOT_FOUND;
}

export function isInvalid({ status }: RestAnswer): boolean {
  return status === constants.HTTP_STATUS_BAD_REQUEST;
}

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.byteLength;
    if (bytes > MAX_BODY_BYTES) throw answerTooLong();
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString();
}

function fetchCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

/** Refused while connecting: no byte of the request can have arrived. */
function neverSent(error: unknown): boolean {
  const { code } = fetchCause(error) as { code?: string };
  return (
    code !== undefined &&
    ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(code)
  );
}
