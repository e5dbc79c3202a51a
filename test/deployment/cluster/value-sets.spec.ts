import { VALUE_SETS } from '../chart/value-sets.js';
import { controlPlane } from './control-plane.js';
import { create, defineCustomResources, get } from './kubectl.js';
import { Machine } from './machine.js';
import { pretendedNodes } from './pretended-nodes.js';
import { Release } from './release.js';

jest.setTimeout(300_000);

const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume', spec: { capacity: { storage: '1Gi' }, storageClassName: 'standard' } };
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
/** What the sets of values take for granted in a cluster. */
const GRANTED = [
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 },
  { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard' }, provisioner: NO_PROVISIONER },
  ...['one', 'two'].map((name) => ({
    ...VOLUME,
    metadata: { name },
    spec: { ...VOLUME.spec, accessModes: ['ReadWriteOnce'], hostPath: { path: '/nowhere' } },
  })),
];

describe('An API server', () => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.start();
    await controlPlane(machine);
    await defineCustomResources(machine);
    await pretendedNodes(machine);
    await create(machine, GRANTED);
  });
  afterAll(() => machine.close());

  it.each(Object.entries(VALUE_SETS))('installs, upgrades and rolls back: %s', async (name, values) => {
    const release = new Release(machine, name.replaceAll(/[^a-z]+/g, '-'));
    await create(machine, claimed(release.namespace));
    await release.install(values);
    const keys = await keysOf(release);

    await release.upgrade({ ...values, podAnnotations: { generation: 'second' } });
    expect(await generations(release)).toEqual(['second']);
    expect(await keysOf(release)).toEqual(keys);

    await release.rollback();
    expect(await generations(release)).toEqual([undefined]);
    expect(await keysOf(release)).toEqual(keys);

    await release.uninstall();
    expect(await release.pods()).toEqual([]);
  });

  it('keeps the keys of a release that is taken away and comes back', async () => {
    const release = new Release(machine, 'back-again');
    await release.install({});
    const keys = await release.secret('keys');
    await release.uninstall();
    await release.install({});
    expect(await release.secret('keys')).toEqual(keys);
  });

  it('refuses a field that is misspelt', async () => {
    const misspelt = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' }, dta: { a: 'b' } };
    await expect(new Release(machine, 'misspelt').install({ extraObjects: [misspelt] })).rejects.toThrow(/dta/);
  });

  const generations = async (release: Release) => [
    ...new Set((await release.stayingPods()).map(({ metadata }) => metadata.annotations.generation)),
  ];
  /** Keys and passwords that the chart made. */
  const keysOf = async (release: Release) => {
    const { items } = await get(machine, 'secrets', '-n', release.namespace, '-l', 'app.kubernetes.io/managed-by=Helm');
    return items.map(({ metadata, data }: any) => [metadata.name, data]);
  };
});

function claimed(namespace: string): readonly object[] {
  const spec = { storageClassName: 'standard', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...(namespace === 'own-secrets-own-files'
      ? [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'cache', namespace }, spec }]
      : []),
  ];
}
