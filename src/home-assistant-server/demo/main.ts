import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DEMO_TOKEN_PREFIX, readDemoRhythm } from '../settings.js';
import { DemoHouse } from './demo-house.js';
import { DemoServer } from './server.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    token: { type: 'string', default: DEMO_TOKEN_PREFIX + randomBytes(24).toString('base64url') },
    /** Where to leave the token for a bridge that was not started by us; the file is written anew. */
    'token-file': { type: 'string' },
  },
});

const server = new DemoServer(new DemoHouse(readDemoRhythm()), values.token);
const file = values['token-file'];
if (file !== undefined) writeFileSync(file, values.token, { mode: 0o600 });
const url = await server.listen(Number(values.port), values.host);
process.stdout.write(`${JSON.stringify({ url, token: values.token })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.close().then(() => process.exit(0)));
}
