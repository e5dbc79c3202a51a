import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { WAYS } from './ways.mjs';

const PROGRAM = join(import.meta.dirname, 'process.mjs');

/** A way with its processes running, and what a turn of it costs each of them and Redis. */
export class OpenWay {
  #processes;
  #redisCpuUs;

  /** @param child the program behind the run; without one a run answers at once */
  static async open(way, { url, name, redisCpuUs, child }) {
    const args = (role) => [way, role, url, name, ...(child ? [child] : [])];
    const processes = {};
    for (const role of WAYS[way].roles) {
      processes[role] = fork(PROGRAM, args(role), { execArgv: [] }).once('exit', fail);
      await once(processes[role], 'message');
    }
    return new OpenWay(processes, redisCpuUs);
  }

  constructor(processes, redisCpuUs) {
    this.#processes = processes;
    this.#redisCpuUs = redisCpuUs;
  }

  /** µs of CPU a call: `frontUs` is the process with the caller, `workerUs` the one that runs the calls, if it is another. */
  async turn(order) {
    const before = await this.#cpu();
    const { calls, ...measured } = await ask(this.#processes.front, order);
    const after = await this.#cpu();
    const [redisUs, frontUs, workerUs] = after.map((spent, who) => (spent - before[who]) / calls);
    return { ...measured, redisUs, frontUs, workerUs, nodeUs: frontUs + workerUs };
  }

  close() {
    for (const process of Object.values(this.#processes)) process.off('exit', fail).kill();
  }

  async #cpu() {
    const { front, worker } = this.#processes;
    return [await this.#redisCpuUs(), await ask(front, 'cpu'), worker ? await ask(worker, 'cpu') : 0];
  }
}

async function ask(process, order) {
  process.send(order);
  const [answer] = await once(process, 'message');
  return answer;
}

/** It has said why. */
function fail() {
  process.exit(1);
}
