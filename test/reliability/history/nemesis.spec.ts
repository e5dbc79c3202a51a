import { once } from 'node:events';
import { createServer } from 'node:http';
import { Cluster } from '../../support/a-cluster.js';
import type { HangingWrite } from './hanging-write.js';
import { Nemesis } from './nemesis.js';
import type { FaultName } from './schedule.js';

describe(Nemesis.name, () => {
  let cluster: Cluster;
  // its replicas are never started
  beforeEach(async () => (cluster = await Cluster.prepare({ settings: () => ({ upstreams: {} }) })));
  afterEach(() => cluster.close());

  async function after(is: FaultName, writing?: HangingWrite) {
    const lines: string[] = [];
    const nemesis = new Nemesis(
      cluster,
      () => Promise.resolve(writing),
      (line) => lines.push(line),
    );
    await nemesis.run([{ is, afterMs: 0, lastsMs: 0, target: 0 }], new AbortController().signal);
    await nemesis.calm();
    return { nemesis, lines };
  }

  it('tells of each fault that it could not do', async () => {
    const { nemesis, lines } = await after('freeze_replica');
    expect(nemesis.failures).toEqual(['freeze_replica: replica r1 is not running']);
    expect(lines).toContain('the nemesis itself failed: freeze_replica: replica r1 is not running');
  });

  it('cuts off the replica that runs a hanging write, whichever it is', async () => {
    const ready = createServer((_request, response) => response.end()).listen(cluster.replicas[1]?.port, '127.0.0.1');
    await once(ready, 'listening');
    try {
      const { nemesis } = await after('cut_writer', { runsOn: 'r2', over: Promise.resolve() });
      expect(nemesis.failures).toEqual([]);
      expect(nemesis.outages.map(({ replica, is }) => [replica, is])).toEqual([['r2', 'cut']]);
    } finally {
      ready.close();
    }
  });

  it('cuts nobody off when no child took up the write', async () => {
    const { nemesis } = await after('cut_writer');
    expect(nemesis.outages).toEqual([]);
  });
});
