import { createInterface } from 'node:readline';

/** What every raw server here says to `initialize`. */
export function greeting(id, name, capabilities = { tools: {} }) {
  return { jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name, version: '1.0.0' } } };
}

export function textResult(id, text) {
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } };
}

export function errorReply(id, code, message) {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

export function say(message) {
  process.stdout.write(JSON.stringify(message) + '\n');
}

/** Calls back for each line, and ends the process when its stdin does. */
export function serveLines(receive) {
  createInterface({ input: process.stdin, crlfDelay: Infinity })
    .on('line', (line) => receive(JSON.parse(line)))
    .on('close', () => process.exit(0));
}

/** A server of tools and nothing else; `more` has what it does with other methods. */
export function serveTools(name, tools, callTool, more = {}) {
  const answers = {
    initialize: (id) => say(greeting(id, name)),
    'tools/list': (id) => say({ jsonrpc: '2.0', id, result: { tools } }),
    'tools/call': callTool,
    ping: (id) => say({ jsonrpc: '2.0', id, result: {} }),
    ...more,
  };
  serveLines(({ id, method, params = {} }) => {
    if (Object.hasOwn(answers, method)) answers[method](id, params);
    else if (id !== undefined) say(errorReply(id, -32601, 'Method not found'));
  });
}
