import { resolve } from 'node:path';
import { create } from './kubectl.js';
import type { Machine } from './machine.js';

const RACKS = ['a', 'b', 'c'];

/** Nodes whose pods only say that they run. */
export async function pretendedNodes(machine: Machine): Promise<void> {
  const stages = resolve('test/deployment/cluster/pretended-pods.yaml');
  const options = ['--manage-all-nodes=true', '--config', stages, '--node-lease-duration-seconds', '40'];
  await create(machine, RACKS.map(node));
  const areReady = () => machine.run('kubectl', 'wait', '--for=condition=Ready', 'node', '--all', '--timeout=1s');
  await machine.serve('kwok', ['kwok', '--kubeconfig', machine.environment.KUBECONFIG!, ...options], areReady);
}

function node(rack: string): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: `pretended-${rack}`, labels: { rack, disk: 'ssd' } } };
}
