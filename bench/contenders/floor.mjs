// The floor: bare node:http over a bare line client. `node floor.mjs <port> <child>`
import { createServer } from 'node:http';
import { ToolCalls } from './tool-calls.mjs';

const [port, childFile] = process.argv.slice(2);
const calls = await ToolCalls.over(childFile);

function send(response, value) {
  const body = JSON.stringify(value);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

const server = createServer((request, response) => {
  if (request.url === '/health/live') return send(response, { status: 'ok' });
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => send(response, await calls.answer(JSON.parse(Buffer.concat(chunks).toString()))));
});
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit());
