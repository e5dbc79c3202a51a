import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { DEMO_TOKEN_PREFIX, readDemoRhythm } from '../settings.js';
import { DemoHouse } from './demo-house.js';
import { DemoServer } from './server.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    token: { type: 'string', default: DEMO_TOKEN_PREFIX + randomBytes(24).toString('base64url') },
  },
});

const server = new DemoServer(new DemoHouse(readDemoRhythm()), values.token);
const url = await server.listen(Number(values.port), values.host);
process.stdout.write(`${JSON.stringify({ url, token: values.token })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.close().then(() => process.exit(0)));
}
