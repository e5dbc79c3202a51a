// One way to misbehave an argument, raw lines, no SDK. What a mode does not change works as in `echo`.
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { errorReply, greeting, say, textResult } from './raw-lines.mjs';

const [mode = 'none', detail] = process.argv.slice(2);
const MEGABYTE = 1_000_000;
const write = (text) => writeAll(1, text);

/** What a mode does when the process starts. */
const AT_START = {
  'crash-at-start': () => {
    process.stderr.write('cannot reach the house\n');
    process.exit(1);
  },
  banner: () => write('  *** Welcome to the \u001b[31mserver\u001b[0m ***\nlistening on stdio\n'),
  'stderr-flood': () => floodStderr(Number(detail ?? 64) * MEGABYTE),
  'ignores-term': () => process.on('SIGTERM', () => undefined),
  grandchild: () => {
    const stubborn = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);";
    grandchild = spawn(process.execPath, ['-e', stubborn], { stdio: 'ignore' });
    process.on('SIGTERM', () => undefined);
  },
  'ignores-eof': () => setInterval(() => undefined, 1000),
  'prints-environment': () => undefined,
};

/** What a mode does with a tool call; `answer` is the well-behaved way. */
const ON_CALL = {
  garbage: (id, answer) => {
    write('{"half": \n\u0007 not json at all\n');
    answer();
  },
  'wrong-id': (id) => say(textResult(id + 1_000_000, 'for somebody else')),
  'null-id': () => say(textResult(null, 'for nobody')),
  'string-id': (id) => say(textResult(String(id), 'text id')),
  twice: (id, answer) => {
    answer();
    answer();
  },
  'neither-result-nor-error': (id) => say({ jsonrpc: '2.0', id }),
  'both-result-and-error': (id) => say({ ...textResult(id, 'x'), error: { code: 1, message: 'x' } }),
  'code-is-text': (id) => say({ jsonrpc: '2.0', id, error: { code: 'E_FAIL', message: 'x' } }),
  'result-is-text': (id) => say({ jsonrpc: '2.0', id, result: 'yes' }),
  'nested-too-deep': (id) => write(`{"jsonrpc":"2.0","id":${id},"result":{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}}\n`),
  silence: () => undefined,
  'crash-on-argument': (id, answer, args) => (args.text === 'poison' ? process.exit(3) : answer()),
  'half-a-line': (id) => {
    write(`{"jsonrpc":"2.0","id":${id},"resu`);
    process.exit(0);
  },
  'answers-then-exits': (id) => {
    write(JSON.stringify(textResult(id, 'last words')) + '\n');
    process.exit(0);
  },
  'answers-without-newline-then-exits': (id) => {
    write(JSON.stringify(textResult(id, 'last words')));
    process.exit(0);
  },
  'huge-line': (id) => writeHuge(`{"jsonrpc":"2.0","id":${id},"result":{"text":"`, '"}}\n'),
  'huge-line-id-last': (id) => writeHuge('{"result":{"text":"', `"},"jsonrpc":"2.0","id":${id}}\n`),
  'huge-line-no-id': () => writeHuge('{"result":{"text":"', '"}}\n'),
  'split-utf8': (id) => splitUtf8(Buffer.from(JSON.stringify(textResult(id, 'žluťoučký 🐎')) + '\n')),
  'notification-flood': (id, answer) => {
    const note = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/flood', params: {} }) + '\n';
    write(note.repeat(Number(detail ?? 20_000)));
    answer();
  },
  'closes-stdout': () => closeSync(1),
  'stops-reading': () => stopReading(),
  'eats-memory': () => eatMemory([]),
  'closes-stdout-at-eof': () => undefined,
  late: (id, answer) => setTimeout(answer, Number(detail ?? 300)),
  batch: (id) => say([{ jsonrpc: '2.0', method: 'notifications/one', params: {} }, textResult(id, 'in a batch')]),
  'prints-environment': (id) => say(textResult(id, JSON.stringify({ env: process.env, argv: process.argv.slice(2) }))),
  'asks-back': (id) => ask(id),
  grandchild: (id) => say(textResult(id, String(grandchild.pid))),
  'hides-words': (id) => {
    write(`no JSON \u202e${'x'.repeat(100_000)}\n`);
    process.stderr.write('said \u202esecretly\u200b \u001b[2J\n');
    say(errorReply(id, -32000, `no \u202e${'x'.repeat(100_000)}`));
  },
  'changes-tools': (id, answer) => {
    generation += 1;
    say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    answer();
  },
};

/** How a mode meets the question of 2026; the others do not know the method. */
const ON_DISCOVER = {
  'exits-on-discover': () => process.exit(1),
  'silent-on-discover': () => undefined,
  'minus-32000-on-discover': (id) => say(errorReply(id, -32000, 'Server not initialized')),
  'unknown-versions': (id) =>
    say({ ...errorReply(id, -32022, 'Unsupported'), error: { code: -32022, message: 'Unsupported', data: { supported: ['2031-01-01'] } } }),
};

let grandchild;
let generation = 1;
let asked;

function ask(id) {
  asked = id;
  say({
    jsonrpc: '2.0',
    id: 'ask-1',
    method: 'elicitation/create',
    params: { message: 'Sure?', requestedSchema: { type: 'object', properties: {} } },
  });
}

/** In slices, so that the process dies of its heap and not of one large array. */
function eatMemory(eaten) {
  for (let slice = 0; slice < 100; slice += 1) eaten.push(Array.from({ length: 10_000 }, (_, n) => ({ n })));
  setTimeout(() => eatMemory(eaten), 0);
}

function floodStderr(bytes) {
  const line = 'e'.repeat(99) + '\n';
  for (let written = 0; written < bytes; written += MEGABYTE) writeAll(2, line.repeat(MEGABYTE / 100));
}

function writeHuge(head, tail) {
  write(head);
  const megabyte = 'x'.repeat(MEGABYTE);
  for (let i = 0; i < Number(detail ?? 12); i += 1) writeAll(1, megabyte);
  write(tail);
}

/** A pipe may take a part only, or nothing for now. */
function writeAll(fd, text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function splitUtf8(bytes) {
  let at = 0;
  const next = () => {
    if (at === bytes.length) return;
    writeSync(1, bytes, at, 1);
    at += 1;
    setTimeout(next, 1);
  };
  next();
}

function tools() {
  const inputSchema = { type: 'object', properties: { text: { type: 'string' } } };
  const honest = { name: 'echo', description: `Gives the text back, version ${generation}`, inputSchema };
  if (mode !== 'hides-words') return [honest];
  const sly = { name: 'sly', description: `Reads \u202ednetirw\u202c only${'x'.repeat(1_000_000)}`, inputSchema };
  return [honest, sly, { name: 'echo\u200b', inputSchema }, { name: 'x'.repeat(1000), inputSchema }];
}

function receive({ id, method, params = {}, result }) {
  switch (method) {
    case 'initialize':
      return mode === 'slow-start' ? setTimeout(() => say(greeting(id, mode)), Number(detail ?? 500)) : initialize(id, params);
    case 'server/discover':
      return (ON_DISCOVER[mode] ?? ((unknown) => say(errorReply(unknown, -32601, 'Method not found'))))(id);
    case 'tools/list':
      return say({ jsonrpc: '2.0', id, result: { tools: tools() } });
    case 'tools/call':
      return callTool(id, params.arguments ?? {});
    case 'ping':
      return mode === 'silent-on-ping' ? undefined : say({ jsonrpc: '2.0', id, result: {} });
    case undefined:
      return say(textResult(asked, JSON.stringify(result)));
    default:
      return id === undefined ? undefined : say(errorReply(id, -32601, 'Method not found'));
  }
}

function initialize(id) {
  const protocolVersion = mode === 'unknown-version' ? '2031-01-01' : '2025-11-25';
  const message = greeting(id, mode);
  say({ ...message, result: { ...message.result, protocolVersion } });
  if (mode === 'never-reads') stopReading();
}

/** Everything after the greeting piles up in the pipe. */
function stopReading() {
  process.stdin.pause();
  setInterval(() => undefined, 1000);
}

function callTool(id, args) {
  const answer = () => say(textResult(id, String(args.text ?? '')));
  const misbehave = ON_CALL[mode] ?? ((_, behave) => behave());
  misbehave(id, answer, args);
}

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) receive(JSON.parse(line));
});
process.stdin.on('end', () => {
  if (mode === 'closes-stdout-at-eof') closeSync(1);
  if (!['ignores-eof', 'ignores-term', 'grandchild', 'closes-stdout', 'closes-stdout-at-eof'].includes(mode)) process.exit(0);
  setInterval(() => undefined, 1000);
});

AT_START[mode]?.();
