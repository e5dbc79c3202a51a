import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const START_MS = 120_000;
/** Less than a test has, so that it can tell what was printed. */
const COMMAND_MS = 18_000;

export interface BridgeProcess {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything it printed so far. */
  readonly output: () => string;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const PRODUCT = [join(ROOT, 'dist/main.js')];

/**
 * The built product as users start it, on a free port unless `args` name one.
 * @param program what Node runs in its place
 */
export async function aProcess(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  program: readonly string[] = PRODUCT,
): Promise<BridgeProcess> {
  const child = spawn(process.execPath, [...program, '--port', '0', ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, BRIDGE__MONITORING__PROMETHEUS_ENABLED: 'false', ...env },
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not listening after ${START_MS} ms:\n${printed}`)), START_MS);
    const look = () => {
      const address = /http:\/\/(?:127\.0\.0\.1|0\.0\.0\.0):\d+/.exec(printed)?.[0];
      if (!address) return;
      clearTimeout(timer);
      resolve(address.replace('0.0.0.0', '127.0.0.1'));
    };
    child.stdout.on('data', look);
    void ended.then(() => reject(new Error(`it ended:\n${printed}`)));
  });
  return {
    url,
    pid: child.pid!,
    child,
    output: () => printed,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

/** Runs the command to its end; one that does not end by itself is killed, and has no code. */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...PRODUCT, ...args], {
    env: { PATH: process.env.PATH, ...env },
    timeout: COMMAND_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
