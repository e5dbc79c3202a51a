import { Injectable, Optional } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Caller, callerOf } from '../access/caller.js';
import { BridgeError } from '../call/bridge-error.js';
import type { Wishes } from '../call/call-plan.js';
import { CallAbort, type CallSignal } from '../call/call-signal.js';
import { isJsonObject, type JsonObject } from '../call/json.js';
import type { CallMethod, ToolCall } from '../call/tool-call.js';
import type { CallTrace } from '../call/call-trace.js';
import { Config } from '../config/config.js';
import { CallTracer } from '../tracing/call-tracer.js';
import type { Answer } from './answer.js';
import { BridgeService } from './bridge.service.js';
import { type CallBody, invalidParams, readBody, readParams } from './call-body.js';
import { type CallHeaders, readHeaders } from './call-headers.js';
import { CompletionParams, ListParams, PromptParams, ResourceParams, ToolCallParams } from './call-params.dto.js';
import { type ClientSession, ClientSessions } from './client-sessions.js';
import { DedicatedClients } from './dedicated-clients.js';
import { restAnswer } from './rest-answer.js';
import { sendJson } from './send-json.js';
import { Servers } from './servers.js';

interface Asked {
  readonly call: ToolCall;
  readonly session?: ClientSession;
}

interface Accepted extends Asked {
  readonly headers: CallHeaders;
  readonly body: CallBody;
}

/** Turns one HTTP request into a call and its answer into the response; what every route of REST has in common. */
@Injectable()
export class RestCallService {
  constructor(
    private readonly config: Config,
    private readonly servers: Servers,
    private readonly sessions: ClientSessions,
    private readonly clients: DedicatedClients,
    private readonly bridge: BridgeService,
    @Optional() private readonly tracer?: CallTracer,
  ) {}

  /** @throws BridgeError */
  async answer(method: CallMethod, request: Request, response: Response, named?: string): Promise<void> {
    const caller = callerOf(request);
    const { headers, body, ...asked } = await this.accept(method, request, caller, named);
    const { call } = asked;
    if (call.requestId !== undefined) response.setHeader('X-Request-ID', call.requestId);

    const answer = await this.called(asked, granted(headers.wishes, caller), caller.share, leavingOf(response));
    sendJson(response, restAnswer(method, body, method === 'tools/list' ? cut(answer, caller, call.server) : answer));
  }

  /** Whatever is refused here never ran, and its error says so. */
  private async accept(method: CallMethod, request: Request, caller: Caller, named?: string): Promise<Accepted> {
    try {
      const headers = readHeaders(request.headers);
      const body = readBody(request.body, method);
      const server = this.servers.allowed(caller, named);
      return { headers, body, ...(await this.asked(method, body, headers, caller, server, this.tracer?.of(request))) };
    } catch (error) {
      if (!(error instanceof BridgeError) || 'outcome' in error.data) throw error;
      throw new BridgeError(error.reason, error.message, { ...error.data, outcome: 'not_started' }, { cause: error });
    }
  }

  private async called({ call, session }: Asked, wishes: Wishes, share: string, signal: CallSignal): Promise<Answer> {
    try {
      return await this.bridge.call(call, wishes, share, signal);
    } catch (error) {
      const isLost = error instanceof BridgeError && error.reason === 'session_expired' && error.data.session_id === session?.id;
      // a record that outlived its child would be renewed by the next initialize; left by a store that is away, it is met again
      if (session && isLost) await this.sessions.forget(session).catch(() => undefined);
      throw error;
    }
  }

  private async asked(
    method: CallMethod,
    body: CallBody,
    headers: CallHeaders,
    caller: Caller,
    server: string,
    trace: CallTrace | undefined,
  ): Promise<Asked> {
    const { name, params } = readCall(method, body.params);
    if (method === 'tools/call' && !caller.mayUse(server, name)) {
      throw new BridgeError('forbidden', `This key may not use the tool ${String(name)}`, { tool: name ?? null, outcome: 'not_started' });
    }
    if (headers.session === undefined && this.config.clientSessions.required) throw sessionMissing();
    const session = headers.session === undefined ? undefined : await this.sessions.use(caller.principal, server, headers.session);
    const requestId = headers.requestId ?? body.requestId;
    const call: ToolCall = {
      server,
      method,
      params,
      principal: caller.principal,
      ...(name !== undefined && { name }),
      ...(session !== undefined && { session: session.id }),
      ...(requestId !== undefined && { requestId }),
      ...(headers.clientId !== undefined && { clientId: headers.clientId }),
      ...(this.servers.isPerClient(server) && (await this.clients.use(server, caller.principal, session))),
      ...(trace && { trace }),
    };
    return { call, ...(session && { session }) };
  }
}

function sessionMissing(): BridgeError {
  return invalidParams([{ field: 'X-Session-ID', message: 'X-Session-ID is required: call /mcp/initialize first' }]);
}

/** The caller's wish, no more urgent than his key allows. */
function granted(wishes: Wishes, caller: Caller): Wishes {
  if (wishes.priority === undefined || wishes.priority >= caller.maxPriority) return wishes;
  return { ...wishes, priority: caller.maxPriority };
}

/** Aborts when the client closes its connection before the answer has been written. */
function leavingOf(response: Response): CallSignal {
  const leaving = new CallAbort();
  response.on('close', () => {
    if (!response.writableFinished) leaving.abort();
  });
  return leaving;
}

function readCall(method: CallMethod, params: JsonObject): { name?: string; params: JsonObject } {
  switch (method) {
    case 'tools/call': {
      const { name, arguments: given } = isToolCall(params) ? params : readParams(ToolCallParams, params);
      return { name, params: { ...forwarded(params), arguments: given ?? {} } };
    }
    case 'prompts/get':
      return { name: readParams(PromptParams, params).name, params: forwarded(params) };
    case 'resources/read':
      return { name: readParams(ResourceParams, params).uri, params: forwarded(params) };
    case 'completion/complete':
      readParams(CompletionParams, params);
      return { params: forwarded(params) };
    case 'tools/list':
    case 'resources/list':
    case 'resources/templates/list':
    case 'prompts/list':
      readParams(ListParams, params);
      return { params: {} };
    default:
      return method satisfies never;
  }
}

/** What `ToolCallParams` demands, asked by hand because every call passes here; its decorators word the refusals. */
function isToolCall(params: JsonObject): params is JsonObject & { readonly name: string; readonly arguments?: JsonObject } {
  const { name, arguments: given } = params;
  return typeof name === 'string' && name !== '' && name.length <= 256 && (given === undefined || isJsonObject(given));
}

/** What the upstream gets of `_meta`: not the bridge's own words, and no progress token, since REST has no stream for it. */
function forwarded(params: JsonObject): JsonObject {
  if (params._meta === undefined) return params;
  const { _meta: meta, ...rest } = params;
  if (!isJsonObject(meta)) throw invalidParams([{ field: '_meta', message: '_meta must be an object' }]);
  const kept = Object.entries(meta).filter(([key]) => key !== 'progressToken' && !key.startsWith('bridge/'));
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
}

/** The list as far as this key may use it. */
function cut(answer: Answer, caller: Caller, server: string): Answer {
  const { tools } = answer.result;
  if (!Array.isArray(tools)) return answer;
  const allowed = tools.filter((tool) => isJsonObject(tool) && typeof tool.name === 'string' && caller.mayUse(server, tool.name));
  return allowed.length === tools.length ? answer : { ...answer, result: { ...answer.result, tools: allowed } };
}
