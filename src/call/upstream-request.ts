import type { CallMethod } from './tool-call.js';
import type { JsonObject } from './json.js';

/** What the back half needs of a call, as JSON: it crosses the queue, and another replica may run it. */
export interface UpstreamRequest {
  readonly server: string;
  readonly method: CallMethod;
  readonly params: JsonObject;
  readonly kind: 'read' | 'write';
  readonly holdMs: number;
  /** What a call like it is given when its caller wishes nothing else. */
  readonly usualMs: number;
  /** Cache tags that a write makes stale. */
  readonly touches: readonly string[];
  /** Whose dedicated child runs it, where the upstream keeps one per client. */
  readonly client?: string;
  /** The client session whose state that child holds. */
  readonly session?: string;
  readonly requestId?: string;
  /** W3C trace context of whoever queued it; only where traces are kept. */
  readonly traceparent?: string;
}
