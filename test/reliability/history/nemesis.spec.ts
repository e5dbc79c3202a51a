import { Cluster } from '../../support/a-cluster.js';
import { Nemesis } from './nemesis.js';

describe('Nemesis', () => {
  it('tells of each fault that it could not do', async () => {
    // its replicas were never started, so there is nothing to freeze
    const cluster = await Cluster.prepare({ settings: () => ({ upstreams: {} }) });
    try {
      const lines: string[] = [];
      const nemesis = new Nemesis(cluster, (line) => lines.push(line));
      await nemesis.run([{ is: 'freeze_replica', afterMs: 0, lastsMs: 0, target: 0 }], new AbortController().signal);
      await nemesis.calm();
      expect(nemesis.failures).toEqual(['freeze_replica: replica r1 is not running']);
      expect(lines).toContain('the nemesis itself failed: freeze_replica: replica r1 is not running');
    } finally {
      await cluster.close();
    }
  });
});
