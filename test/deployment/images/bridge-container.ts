import { randomBytes } from 'node:crypto';
import { eventually } from '../../support/eventually.js';
import { said } from '../said.js';
import { docker, inspect } from './docker.js';

/** How the image is meant to run, and how the stack runs it. */
const HARDENED = [
  ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'],
  ...['--pids-limit', '512', '--memory', '1g', '--tmpfs', '/tmp:mode=1777,size=256m'],
];
const LOOK_MS = 5_000;
/** More than the bridge takes to answer anything. */
const CALL_MS = 60_000;
const opened: BridgeContainer[] = [];

/** A container of the bridge under all the limits it is shipped with. */
export class BridgeContainer {
  readonly name = `bridge-${randomBytes(4).toString('hex')}`;

  private constructor(private readonly port: string) {}

  /** @param options of `docker run`; @param command in place of the image's own */
  static run(image: string, options: readonly string[] = [], command: readonly string[] = []): BridgeContainer {
    const port = options.includes('host') ? '3003' : '';
    const container = new BridgeContainer(port);
    opened.push(container);
    const publish = port ? [] : ['-p', '127.0.0.1::3003'];
    docker('run', '-d', '--name', container.name, ...HARDENED, ...publish, ...options, image, ...command);
    return container;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port || inspect(this.name).NetworkSettings.Ports['3003/tcp']![0]!.HostPort}`;
  }

  get state() {
    return inspect(this.name).State;
  }

  get log(): string {
    return said('/usr/bin/docker', 'logs', this.name).text;
  }

  exec(...command: readonly string[]): string {
    return docker('exec', this.name, ...command);
  }

  get key(): string {
    return this.exec('cat', '/data/api-key');
  }

  async untilReady(withinMs = 60_000): Promise<void> {
    await eventually(
      async () => {
        if (this.state.Status === 'exited') throw new Error(this.log);
        const signal = AbortSignal.timeout(LOOK_MS);
        return (await fetch(`${this.url}/health/ready`, { signal }).catch(() => undefined))?.status;
      },
      (status) => status === 200,
      withinMs,
    );
  }

  /** @returns the exit code */
  stop(): number {
    docker('stop', '--time', '60', this.name);
    return this.state.ExitCode;
  }

  async ended(): Promise<number> {
    await eventually(() => this.state.Status === 'exited', Boolean, 30_000);
    return this.state.ExitCode;
  }
}

export function removeContainers(): void {
  for (const { name } of opened.splice(0)) docker('rm', '-f', '-v', name);
}

/** @param method as in MCP, which is the path too */
export async function call(url: string, key: string, method: string, params: unknown) {
  const headers = { 'content-type': 'application/json', 'x-api-key': key };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(`${url}/mcp/${method}`, { method: 'POST', headers, body, signal: AbortSignal.timeout(CALL_MS) });
  return { status: response.status, json: (await response.json()) as any };
}
