// Tells what reached it: its environment, its arguments and the exact bytes of a call's text.
import { say, serveLines, greeting, textResult } from './raw-lines.mjs';

const schemaAt = process.argv.indexOf('--schema') + 1;
const inputSchema = schemaAt > 0 ? JSON.parse(process.argv[schemaAt]) : { type: 'object' };
const TOOLS = ['tell', 'read', 'fail'].map((name) => ({ name, description: name, inputSchema }));
let calls = 0;

serveLines(({ id, method, params }) => {
  if (method === 'initialize') return say(greeting(id, 'telltale'));
  if (method === 'tools/list') return say({ jsonrpc: '2.0', id, result: { tools: TOOLS } });
  if (method !== 'tools/call')
    return id === undefined ? undefined : say({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
  if (params.name === 'fail') {
    process.stderr.write(`failing over ${process.env.TELLTALE_TOKEN}\n`);
    return say({ jsonrpc: '2.0', id, error: { code: -32050, message: 'no' } });
  }
  calls += 1;
  return say(
    textResult(
      id,
      JSON.stringify({
        env: process.env,
        argv: process.argv.slice(2),
        arguments: params.arguments,
        meta: params._meta,
        pid: process.pid,
        calls,
      }),
    ),
  );
});
