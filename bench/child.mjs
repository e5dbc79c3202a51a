// The plain stdio MCP server behind every contender: answers at once and says back what it was asked.
import { errorReply, greeting, say, serveLines, textResult } from '../test/servers/raw-lines.mjs';

const TOOLS = ['look', 'recall', 'set'].map((name) => ({ name, inputSchema: { type: 'object' } }));

serveLines(({ id, method, params }) => {
  switch (method) {
    case 'initialize':
      return say(greeting(id, 'bench'));
    case 'tools/list':
      return say({ jsonrpc: '2.0', id, result: { tools: TOOLS } });
    case 'tools/call':
      return say(textResult(id, JSON.stringify(params.arguments)));
    case 'ping':
      return say({ jsonrpc: '2.0', id, result: {} });
    default:
      return id === undefined ? undefined : say(errorReply(id, -32601, 'Method not found'));
  }
});
