import { spawn } from 'node:child_process';
import { DoomedParents } from '../../test/support/doomed-parent.js';
import { isRunning, until } from '../../test/support/session-kit.js';
import { systemClock } from '../call/clock.js';
import { ChildWarden } from './child-warden.js';

describe(ChildWarden.name, () => {
  const parents = new DoomedParents();

  afterAll(() => parents.close());

  it('leaves nobody behind when the bridge is killed, however stubborn', async () => {
    for (let round = 0; round < 3; round += 1) {
      const parent = await parents.start(3);
      expect(parent.pids.filter(isRunning)).toHaveLength(6);
      parent.process.kill('SIGKILL');
      await until(() => [...parent.pids, parent.warden].every((pid) => !isRunning(pid)));
    }
  }, 30_000);

  it('finds the child whose start the bridge did not live to name', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { pids } = await parents.start('die-in-mid-start');
      expect(pids).toHaveLength(1);
      await until(() => !pids.some(isRunning));
    }
  }, 30_000);

  it('does so too after it was killed itself and started again', async () => {
    const parent = await parents.start(1);
    process.kill(parent.warden, 'SIGKILL');
    await parent.nextWarden();
    parent.process.kill('SIGKILL');
    await until(() => parent.pids.every((pid) => !isRunning(pid)));
  }, 30_000);

  it('spares what was released, and ends with its list', async () => {
    const warden = new ChildWarden(systemClock);
    const bystander = warden.guard(() => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }));
    const group = bystander.pid ?? 0;
    const shell = warden.pid ?? 0;
    expect(isRunning(shell)).toBe(true);
    warden.release(bystander);
    warden.close();
    await until(() => !isRunning(shell));
    expect(isRunning(group)).toBe(true);
    bystander.kill('SIGKILL');
  });
});
