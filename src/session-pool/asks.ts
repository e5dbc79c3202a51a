import type { Json, JsonObject } from '../call/json.js';
import type { AskReply } from './exchange.js';
import type { PendingCall } from './pending-call.js';

/** What a child may ask, and the capability its caller must have declared for it. */
const ASKS = {
  'elicitation/create': { capability: 'elicitation', schema: 'ElicitRequestSchema' },
  'sampling/createMessage': { capability: 'sampling', schema: 'CreateMessageRequestSchema' },
  'roots/list': { capability: 'roots', schema: 'ListRootsRequestSchema' },
} as const;

const METHOD_NOT_FOUND: AskReply = { error: { code: -32601, message: 'Method not found' } };
const INVALID_PARAMS: AskReply = { error: { code: -32602, message: 'Invalid params' } };
const INTERNAL_ERROR: AskReply = { error: { code: -32603, message: 'Internal error' } };

/** Requests from the child. A ping is answered here; what else it may ask goes to the one call it can be about. */
export class Asks {
  private readonly open = new Map<Json, AbortController>();

  constructor(
    private readonly capabilities: JsonObject,
    private readonly answer: (id: Json, reply: AskReply) => void,
  ) {}

  receive(id: Json, method: string, params: JsonObject, alone: PendingCall | undefined): void {
    if (method === 'ping') {
      this.answer(id, { result: {} });
      return;
    }
    const ask = Object.hasOwn(ASKS, method) ? ASKS[method as keyof typeof ASKS] : undefined;
    if (!ask || this.capabilities[ask.capability] === undefined || !alone?.options.onAsk) {
      this.answer(id, METHOD_NOT_FOUND);
      return;
    }
    const { onAsk } = alone.options;
    const signal = this.signalFor(id);
    void this.relay(id, alone, async () =>
      (await isWellFormed(ask.schema, method, params)) ? onAsk({ method, params }, signal) : INVALID_PARAMS,
    );
  }

  /** The child takes a question back: whatever the caller says to it now goes nowhere. */
  withdraw(id: Json | undefined): void {
    if (id === undefined) return;
    this.open.get(id)?.abort();
    this.open.delete(id);
  }

  private async relay(id: Json, call: PendingCall, ask: () => Promise<AskReply>): Promise<void> {
    void call.exchange.reply.then(() => this.withdraw(id));
    const reply = await ask().catch(() => INTERNAL_ERROR);
    if (this.open.delete(id)) this.answer(id, reply);
  }

  private signalFor(id: Json): AbortSignal {
    const controller = new AbortController();
    this.open.set(id, controller);
    return controller.signal;
  }
}

/** The schemas are loaded by the first question, since few children ever ask: they take tens of megabytes. */
async function isWellFormed(schema: (typeof ASKS)[keyof typeof ASKS]['schema'], method: string, params: JsonObject): Promise<boolean> {
  const schemas = await import('@modelcontextprotocol/sdk/types.js');
  return schemas[schema].safeParse({ method, params }).success;
}
