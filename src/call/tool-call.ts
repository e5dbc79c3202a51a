import type { CallTrace } from './call-trace.js';
import type { JsonObject } from './json.js';

/** The MCP methods that travel the whole path; everything else is answered at the edge. */
export const CALL_METHODS = [
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
] as const;

export type CallMethod = (typeof CALL_METHODS)[number];

/** What a caller asked for, after parsing; nothing in it has been decided yet. */
export interface ToolCall {
  /** Name of the upstream in the configuration. */
  readonly server: string;
  readonly method: CallMethod;
  /** The tool or prompt by name, the resource by URI; absent for lists and completion. */
  readonly name?: string;
  /** The request's `params` as the upstream gets them, less what only the bridge may say in `_meta`. */
  readonly params: JsonObject;
  /** Who asks: key name, or `anonymous`. */
  readonly principal: string;
  /** The client session the call belongs to; absent for a one-shot call. */
  readonly session?: string;
  /** Whose dedicated child runs the call, where the upstream keeps one per client. */
  readonly client?: string;
  /** The replica that holds this child: only it can run the call. */
  readonly owner?: string;
  /** What the caller calls himself, for the log; proves nothing. */
  readonly clientId?: string;
  /** The caller's idempotency key. */
  readonly requestId?: string;
  /** Only where traces are kept. */
  readonly trace?: CallTrace;
}
