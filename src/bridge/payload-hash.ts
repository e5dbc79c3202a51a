import { hashOf } from '../call/canonical-json.js';
import type { ToolCall } from '../call/tool-call.js';

/** What a request id stands for. `_meta` is about one sending of it (a trace, a progress token), and another each time. */
export function payloadHash({ server, method, params }: ToolCall): string {
  const payload = Object.fromEntries(Object.entries(params).filter(([word]) => word !== '_meta'));
  return hashOf([server, method, payload]);
}
