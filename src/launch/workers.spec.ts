import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.js';
import { muteStdout } from '../../test/support/muted-stdout.js';
import { isAlive } from '../../test/support/processes.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { LoggingConfig } from '../logging/logging.config.js';
import { Redactor } from '../logging/redactor.js';
import { Workers } from './workers.js';

/** Listens, leaves when it is told to, and can be made to hear its parent no more. */
const PROGRAM = `
  import cluster from 'node:cluster';
  import { createServer } from 'node:http';
  const orders = {
    leave: () => process.exit(0),
    deafen: () => {
      cluster.worker.exitedAfterDisconnect = true;
      process.disconnect();
    },
  };
  process.on('message', ({ order }) => orders[order]?.());
  process.on('SIGTERM', () => process.exit(0));
  createServer().listen(0, '127.0.0.1');
  setInterval(() => undefined, 1000);
`;

describe(Workers.name, () => {
  let folder: string;
  let logger: BridgeLogger;

  const home = () => join(folder, 'home');
  const log = () => readFileSync(join(folder, 'log'), 'utf8');
  const tries = () => log().split('tried again').length - 1;
  const pids = () => Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process.pid ?? []);

  beforeEach(() => {
    muteStdout();
    folder = mkdtempSync(join(tmpdir(), 'workers-'));
    writeFileSync(join(folder, 'worker.mjs'), PROGRAM);
    logger = new BridgeLogger(Object.assign(new LoggingConfig(), { file: join(folder, 'log') }), new Redactor([]));
    // a process whose folder is not there cannot be started
    cluster.setupPrimary({ exec: join(folder, 'worker.mjs'), args: [], cwd: home() });
  });
  afterEach(async () => {
    for (const pid of pids()) process.kill(pid, 'SIGKILL');
    await logger.close();
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it('tries again when the system has no process for one', async () => {
    const workers = new Workers(2, {}, logger);
    const running = workers.run();
    await eventually(tries, (count) => count >= 2);
    expect(log()).toContain('ENOENT');
    mkdirSync(home());
    await eventually(pids, ({ length }) => length === 2, 20_000);
    workers.leave();
    expect(await running).toBe(0);
  }, 30_000);

  it('tells one that hears it no more by a signal', async () => {
    mkdirSync(home());
    const workers = new Workers(1, {}, logger);
    const running = workers.run();
    const [worker] = (await once(cluster, 'listening')) as [Worker];
    worker.send({ order: 'deafen' });
    await once(worker, 'disconnect');
    workers.leave();
    expect(await running).toBe(0);
    expect(isAlive(Number(worker.process.pid))).toBe(false);
  }, 30_000);
});
