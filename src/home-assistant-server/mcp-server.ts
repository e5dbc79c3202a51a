import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { Arguments } from './arguments.js';
import { CommandRefused, HouseFailure, InvalidArguments } from './failures.js';
import { fieldsOf, textOf } from './fields.js';
import type { HomeAssistant } from './home-assistant.js';
import { failureOf } from './refusals.js';
import type { Resources } from './resources.js';
import { failureResult, resultOf, type ToolResult } from './results.js';
import type { Call, Tool } from './tools/tool.js';
import { TOOL_LIST, toolNamed } from './tools/tools.js';
import { withinMs } from './within-ms.js';

/** Left of the caller's budget for our answer to travel. */
const ANSWER_BEFORE_MS = 100;
const DEMO = { 'hass/mode': 'demo' };

/** The house as an MCP server, for a client of either era. */
export function mcpServerOf(house: HomeAssistant, resources: Resources): McpServerFactory {
  return ({ era }) => {
    const title = house.isDemo ? 'Home Assistant (maison de démonstration)' : 'Home Assistant';
    const instructions = house.isDemo
      ? 'Maison de démonstration: 23 entités fictives, aucun appareil réel.'
      : 'Une maison, par Home Assistant.';
    const mcp = new McpServer({ name: 'homeassistant-mcp-server', version: '1.0.0', title }, { instructions });
    const { server } = mcp;
    // Here and not above: the constructor would promise notices of new tools, which never come.
    server.registerCapabilities({ tools: {}, resources: { subscribe: true }, prompts: {} });
    const callsUnderWay = new Map<string | number, AbortController>();

    server.oninitialized = () => house.connection.start();
    server.setRequestHandler('tools/list', () => {
      house.connection.start();
      return { tools: TOOL_LIST };
    });
    server.setRequestHandler('prompts/list', () => ({ prompts: [] }));
    server.setRequestHandler('prompts/get', ({ params }) => {
      throw new InvalidArguments('name', `prompt inconnu: ${params.name}`);
    });
    server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
      const cancelled = new AbortController();
      callsUnderWay.set(mcpReq.id, cancelled);
      try {
        const requestId = textOf(fieldsOf(mcpReq._meta)['bridge/request_id']);
        return await withinMs(budgetMs(mcpReq._meta, house.settings.timeoutMs), cancelled.signal, (signal) =>
          callTool(house, params.name, params.arguments, { signal, requestId }),
        );
      } finally {
        callsUnderWay.delete(mcpReq.id);
      }
    });
    // The SDK's own handler would drop the answer of a write that goes on; ours ends what can still be ended.
    server.setNotificationHandler('notifications/cancelled', ({ params }) => {
      if (params.requestId !== undefined) callsUnderWay.get(params.requestId)?.abort();
    });
    resources.serve(server, era);
    return mcp;
  };
}

async function callTool(house: HomeAssistant, name: string, given: unknown, call: Call): Promise<ToolResult> {
  house.connection.start();
  const tool = toolNamed(name);
  if (tool === undefined) throw new InvalidArguments('name', `outil inconnu: ${name}`);
  const result = await answerOf(tool, house, given, call);
  return house.isDemo ? { ...result, _meta: { ...result._meta, ...DEMO } } : result;
}

async function answerOf(tool: Tool, house: HomeAssistant, given: unknown, call: Call): Promise<ToolResult> {
  try {
    return resultOf(await tool.answer(new Arguments(given), house, call), house.settings.maxResultBytes);
  } catch (error) {
    if (error instanceof CommandRefused) return failureResult(tool.name, failureOf(error));
    if (error instanceof HouseFailure) return failureResult(tool.name, error);
    throw error;
  }
}

function budgetMs(meta: unknown, limitMs: number): number {
  const remainingMs = fieldsOf(meta)['bridge/remaining_ms'];
  return typeof remainingMs === 'number' ? Math.max(0, Math.min(limitMs, remainingMs - ANSWER_BEFORE_MS)) : limitMs;
}
