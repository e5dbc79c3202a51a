// Remembers in its own memory only: whoever gets another child gets another memory.
import { say, serveTools } from './raw-lines.mjs';

const notes = [];
const schema = (properties) => ({ type: 'object', properties });
const TOOLS = [
  { name: 'remember', inputSchema: schema({ text: { type: 'string' } }) },
  { name: 'recall', inputSchema: schema({ ms: { type: 'number' } }) },
  { name: 'crash', inputSchema: schema({}) },
];

function state(id) {
  const structuredContent = { notes, pid: process.pid };
  say({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent } });
}

function callTool(id, { name, arguments: args = {} }) {
  if (name === 'crash') process.exit(3);
  if (name === 'remember') notes.push(args.text);
  setTimeout(() => state(id), args.ms ?? 0);
}

serveTools('stateful', TOOLS, callTool);
