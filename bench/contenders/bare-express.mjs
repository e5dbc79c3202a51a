// Express as its guide shows it, over the floor's line client. `node bare-express.mjs <port> <child>`
import express from 'express';
import { ToolCalls } from './tool-calls.mjs';

const [port, childFile] = process.argv.slice(2);
const calls = await ToolCalls.over(childFile);

const app = express();
app.use(express.json());
app.get('/health/live', (_request, response) => response.json({ status: 'ok' }));
app.post('/mcp/tools/call', async (request, response) => response.json(await calls.answer(request.body)));
app.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit());
