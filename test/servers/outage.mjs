// A house behind a server, which can be away: the file named first says how, the second keeps what reached the house.
import { appendFileSync, readFileSync } from 'node:fs';
import { say, serveTools, textResult } from './raw-lines.mjs';

const [modeFile, logFile] = process.argv.slice(2);
const TOOLS = ['read', 'other', 'write'].map((name) => ({
  name,
  inputSchema: { type: 'object', properties: { op: { type: 'string' }, ms: { type: 'number' } } },
}));

/** Words parted by blanks: `ok`, or what `bridge/failure` says of kind and dispatched; `crash` and `no-start` end the process. */
const mode = () => readFileSync(modeFile, 'utf8').trim().split(' ');

function callTool(id, { name, arguments: args = {} }) {
  const [kind, dispatched] = mode();
  appendFileSync(logFile, `${kind} ${name} ${args.op ?? ''}\n`);
  if (kind === 'crash' || args.op === 'poison') process.exit(3);
  setTimeout(() => answer(id, name, args, kind, dispatched), args.ms ?? 0);
}

function answer(id, name, args, kind, dispatched) {
  if (kind === 'ok') return say(textResult(id, `${name} ${args.op ?? ''}`));
  const failure = { kind, code: 'house_away', dispatched: dispatched === 'dispatched' };
  const content = [{ type: 'text', text: 'The house is away' }];
  say({ jsonrpc: '2.0', id, result: { content, isError: true, _meta: { 'bridge/failure': failure } } });
}

if (mode()[0] === 'no-start') process.exit(1);

serveTools('outage', TOOLS, callTool);
