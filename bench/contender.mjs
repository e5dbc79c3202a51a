import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bridgeConfig } from './calls.mjs';

export const CHILD = join(import.meta.dirname, 'child.mjs');
const START_LIMIT_MS = 15_000;

const bare = (file) => (port) => ({
  args: [join(import.meta.dirname, 'contenders', file), String(port), CHILD],
  readyPath: '/health/live',
});

function bridge(port, node, directory) {
  const config = join(directory, 'bridge.json'); // every JSON file is a YAML file
  writeFileSync(config, JSON.stringify(bridgeConfig(port, node, CHILD)));
  return { args: [join(import.meta.dirname, '../dist/main.js'), '--config', config], readyPath: '/health/ready' };
}

/** Who is measured, in the order of the turns; the first is what the others are divided by. */
export const CONTENDERS = { floor: bare('floor.mjs'), Express: bare('bare-express.mjs'), bridge };

const running = new Set();
process.once('exit', () => running.forEach((server) => server.kill()));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** One server in a process of its own. */
export class Contender {
  #process;
  #directory;
  #port;

  /** Resolves when the server says that it is ready. */
  static async start(name, node, nodeOptions = []) {
    const directory = mkdtempSync(join(tmpdir(), 'bridge-bench-'));
    const port = await freePort();
    const { args, readyPath } = CONTENDERS[name](port, node, directory);
    const log = join(directory, 'log');
    const output = openSync(log, 'w');
    const startedAt = performance.now();
    const child = spawn(node, [...nodeOptions, ...args], {
      stdio: ['ignore', output, output],
      env: { PATH: process.env.PATH, HOME: directory, NODE_ENV: 'production' },
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    try {
      while (!(await answersOk(port, readyPath))) {
        if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}`);
        if (performance.now() - startedAt > START_LIMIT_MS) throw new Error(`was not ready after ${START_LIMIT_MS} ms`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${name} ${error.message}\n${endOf(log)}`, { cause: error });
    }
    return new Contender(name, child, port, directory, performance.now() - startedAt);
  }

  constructor(name, process, port, directory, startMs) {
    this.name = name;
    this.#process = process;
    this.#directory = directory;
    this.#port = port;
    this.startMs = startMs;
  }

  get pid() {
    return this.#process.pid;
  }

  /** @throws when one answer was not the one asked for: a fast error is no result */
  async underLoad(load, { call, connections, warmUpCalls, measureMs }) {
    load.send({ pid: this.pid, port: this.#port, call, connections, warmUpCalls, measureMs });
    const [answer] = await once(load, 'message');
    if (!answer.error) return answer;
    throw new Error(`${this.name}, ${call.name}, ${connections} connections: ${answer.error}\n${endOf(join(this.#directory, 'log'))}`);
  }

  async stop() {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function endOf(log) {
  return readFileSync(log, 'utf8').slice(-4000);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function answersOk(port, path) {
  return new Promise((resolve) => {
    get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}
