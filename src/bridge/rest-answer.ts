import type { JsonObject } from '../call/json.js';
import type { CallMethod } from '../call/tool-call.js';
import type { Answer } from './answer.js';
import { bridgeInfo } from './bridge-info.js';
import type { CallBody } from './call-body.js';

/** An answer in the form of its question: an envelope for an envelope, plain fields for the short form. */
export function restAnswer(method: CallMethod, body: CallBody, answer: Answer): JsonObject {
  const result = method === 'tools/call' ? { isError: false, ...answer.result } : answer.result;
  const info = method === 'tools/list' ? listInfo(answer) : bridgeInfo(answer);
  if (body.form === 'envelope') return { jsonrpc: '2.0', id: body.id, result, bridge_info: info };
  if (method === 'tools/list') return { tools: result.tools ?? [], cached: answer.cached, cache_expires: info.cache_expires ?? null };
  return { ...result, bridge_info: info };
}

function listInfo(answer: Answer): JsonObject {
  const { tools } = answer.result;
  return { cache_expires: null, ...bridgeInfo(answer), total_tools: Array.isArray(tools) ? tools.length : 0 };
}
