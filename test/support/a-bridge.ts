import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '../../src/config/load-config.js';
import { createApp } from '../../src/create-app.js';
import { Shutdown } from '../../src/launch/shutdown.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // eslint's unsafe rules are off in tests: an answer is whatever the bridge said
  readonly body: any;
}

export interface RunningBridge {
  readonly url: string;
  readonly app: NestExpressApplication;
  post(path: string, body: unknown, headers?: Record<string, string>, signal?: AbortSignal): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  request(path: string, init: RequestInit): Promise<Reply>;
  /** A tool call in the short form. */
  call(name: string, args?: object, headers?: Record<string, string>): Promise<Reply>;
  close(): Promise<void>;
}

/** Off in tests: a listener of its own for metrics, and the limiter, since every test has one address. */
const QUIET = {
  monitoring: { prometheus_enabled: false },
  rate_limiting: { enabled: false },
  logging: { level: 'ERROR' },
  shutdown: { timeout_seconds: 5 },
};

/** The whole bridge in this process, on a free port, over real child processes. */
export async function aBridge(settings: object): Promise<RunningBridge> {
  const { config } = loadConfig({ files: [JSON.stringify(QUIET), JSON.stringify({ bridge: { port: 0 } }), JSON.stringify(settings)] });
  const app = await createApp(config);
  await app.listen(config.bridge.port, config.bridge.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const request = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const post: RunningBridge['post'] = (path, body, headers = {}, signal) =>
    request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal && { signal }),
    });
  return {
    url,
    app,
    post,
    request,
    get: (path, headers = {}) => request(path, { headers }),
    call: (name, args = {}, headers) => post('/mcp/tools/call', { name, arguments: args }, headers),
    close: () => new Shutdown(app).run(),
  };
}

/** A server of test/servers as an upstream. */
export function upstream(server: string, args: readonly string[] = [], more: object = {}): object {
  return { command: process.execPath, args: [new URL(`../servers/${server}.mjs`, import.meta.url).pathname, ...args], ...more };
}
