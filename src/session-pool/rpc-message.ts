import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import type { Reply } from './reply.js';

/** One message from a child, as far as its shape tells. */
export type RpcMessage =
  | { readonly is: 'answer'; readonly id: unknown; readonly body: JsonObject }
  | { readonly is: 'request'; readonly id: Json; readonly method: string; readonly params: JsonObject }
  | { readonly is: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly is: 'nonsense' };

/** `JSON.stringify` recurses: a value nested deeper than this could be parsed here and break everybody after us. */
const MAX_DEPTH = 1000;

export function readMessage(value: unknown): RpcMessage {
  if (!isJsonObject(value)) return { is: 'nonsense' };
  const { id, method } = value;
  if (typeof method === 'string') {
    const params = isJsonObject(value.params) ? value.params : {};
    return id === undefined ? { is: 'notification', method, params } : { is: 'request', id, method, params };
  }
  return id === undefined && !('result' in value) && !('error' in value) ? { is: 'nonsense' } : { is: 'answer', id, body: value };
}

/** What an answer under one of our ids says; `bad_reply` when it says nothing that could be passed on. */
export function readAnswer({ result, error }: JsonObject, lineLength: number): Reply {
  if ((result === undefined) === (error === undefined)) return badReply('neither result nor error, or both');
  // A line of n characters cannot nest deeper than n / 2.
  if (lineLength > 2 * MAX_DEPTH && nestsDeeper(result ?? error, MAX_DEPTH)) return badReply('nested too deep');
  if (error === undefined) return isJsonObject(result) ? { kind: 'result', result } : badReply('result is not an object');
  if (!isJsonObject(error) || !Number.isInteger(error.code)) return badReply('error without an integer code');
  const message = typeof error.message === 'string' ? error.message : '';
  return { kind: 'rpc_error', error: { code: Number(error.code), message, ...(error.data !== undefined && { data: error.data }) } };
}

/** Our id, whether it came as a number or as its text. */
export function readId(id: unknown): number | undefined {
  if (typeof id === 'number') return id;
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}

function badReply(detail: string): Reply {
  return { kind: 'lost', reason: 'bad_reply', sent: true, detail };
}

function nestsDeeper(value: Json | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member: Json) => nestsDeeper(member, levels - 1));
}
