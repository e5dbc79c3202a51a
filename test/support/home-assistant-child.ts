import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const PROGRAM = join(__dirname, '../../dist/home-assistant-server');

/** Opens a session and asks for the tools, as a client does that knows nothing yet. */
export const HELLO = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list' },
];

export interface Child {
  readonly client: Client;
  /** All that it said on stderr so far. */
  stderr(): string;
}

/** The compiled server as a child process, spoken to by the SDK's own client. */
export async function aServer(environment: Record<string, string> = {}): Promise<Child> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(PROGRAM, 'main.js')],
    env: environment,
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  return { client, stderr: () => stderr };
}

/** The server without a client: what goes in and comes out is the test's. */
export function aBareServer(environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [join(PROGRAM, 'main.js')], { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
}

export interface DemoProgram {
  readonly url: string;
  readonly token: string;
  kill(): Promise<void>;
}

/** The demo house as the program that people start. */
export async function aDemoProgram(...args: string[]): Promise<DemoProgram> {
  const child = spawn(process.execPath, [join(PROGRAM, 'demo/main.js'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, token } = JSON.parse(line.toString()) as { url: string; token: string };
  return {
    url,
    token,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
