// Ground truth for histories: each call leaves a start and an end line in a file that all children share.
import { mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorReply, say, serveTools } from './raw-lines.mjs';

const path = process.argv[2] ?? process.env.LEDGER;
if (!path) throw new Error('ledger.mjs needs the path of its file, as argument or in LEDGER');
const replica = process.env.LEDGER_REPLICA ?? '';
const ledger = openSync(path, 'a');
const registers = `${path}.registers`;
mkdirSync(registers, { recursive: true });

const entityList = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };
const write = {
  name: 'write',
  description: 'Writes op into the register of each entity after work_ms',
  inputSchema: {
    type: 'object',
    properties: { entity: entityList, op: { type: 'string' }, work_ms: { type: 'number' }, nonce: { type: 'string' } },
    required: ['entity', 'op'],
  },
  annotations: { readOnlyHint: false },
};
const TOOLS = [
  write,
  { ...write, name: 'write_patiently', description: 'As write, for those who give it time' },
  {
    name: 'read',
    description: 'The last op written to each entity',
    inputSchema: {
      type: 'object',
      properties: { entity: entityList, op: { type: 'string' }, work_ms: { type: 'number' }, nonce: { type: 'string' } },
      required: ['entity'],
    },
    annotations: { readOnlyHint: true },
  },
];

/** One write(2) a line: with O_APPEND the lines of many processes never mix. */
function record(ev, call, value) {
  const { op, kind, entities } = call;
  const ns = process.hrtime.bigint().toString();
  writeSync(ledger, JSON.stringify({ ev, op, kind, entities, value, pid: process.pid, replica, ns }) + '\n');
}

const registerOf = (entity) => join(registers, encodeURIComponent(entity));

function readRegister(entity) {
  try {
    return readFileSync(registerOf(entity), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Replaced by rename, so that a reader never sees half a value. */
function writeRegister(entity, value) {
  const draft = `${registerOf(entity)}.${process.pid}`;
  writeFileSync(draft, value);
  renameSync(draft, registerOf(entity));
}

function callTool(id, { name, arguments: args = {} }) {
  const tool = TOOLS.find((each) => each.name === name);
  if (!tool) return say(errorReply(id, -32602, `Unknown tool: ${name}`));
  const call = { op: args.op ?? null, kind: tool.annotations.readOnlyHint ? 'read' : 'write', entities: [args.entity].flat() };
  record('start', call, null);
  setTimeout(() => finish(id, call, args.nonce), args.work_ms ?? 0);
}

function finish(id, call, nonce) {
  if (call.kind === 'write') for (const entity of call.entities) writeRegister(entity, call.op);
  const values = call.entities.map(readRegister);
  const value = values.length === 1 ? values[0] : values;
  record('end', call, value);
  const answer = { op: call.op, value, pid: process.pid, ...(nonce !== undefined && { nonce }) };
  say({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer } });
}

serveTools('ledger', TOOLS, callTool);
