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
