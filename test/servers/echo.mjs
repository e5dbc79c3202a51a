// The plain child: small, fast, well-behaved unless told to crash.
import { errorReply, say, serveTools, textResult } from './raw-lines.mjs';

const schema = (properties, required = Object.keys(properties)) => ({ type: 'object', properties, required });

const TOOLS = [
  {
    name: 'echo',
    description: 'Gives the text back',
    inputSchema: schema({ text: { type: 'string' } }),
    annotations: { readOnlyHint: true },
  },
  { name: 'slow', description: 'Answers after ms, with progress on the way', inputSchema: schema({ ms: { type: 'number' } }) },
  { name: 'crash', description: 'Exits with code 3', inputSchema: schema({}) },
  { name: 'big', description: 'A text of so many bytes', inputSchema: schema({ bytes: { type: 'integer' } }) },
];

function callTool(id, { name, arguments: args = {}, _meta }) {
  switch (name) {
    case 'echo':
      return say(textResult(id, String(args.text ?? '')));
    case 'slow':
      return slow(id, args.ms ?? 0, _meta?.progressToken);
    case 'crash':
      return process.exit(3);
    case 'big':
      return say(textResult(id, 'x'.repeat(args.bytes ?? 0)));
    default:
      return say(errorReply(id, -32602, `Unknown tool: ${name}`));
  }
}

const running = new Map();

function slow(id, ms, progressToken) {
  const steps = 4;
  let step = 0;
  const tick = () => {
    step += 1;
    if (progressToken !== undefined) {
      say({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: step, total: steps } });
    }
    if (step < steps) return void running.set(id, setTimeout(tick, ms / steps));
    running.delete(id);
    say(textResult(id, `slept ${ms} ms`));
  };
  running.set(id, setTimeout(tick, ms / steps));
}

function cancel({ requestId }) {
  clearTimeout(running.get(requestId));
  running.delete(requestId);
}

serveTools('echo', TOOLS, callTool, { 'notifications/cancelled': (_id, params) => cancel(params) });
