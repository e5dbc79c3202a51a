import { join } from 'node:path';
import { Authority } from './authority.js';
import { create } from './kubectl.js';
import type { Machine } from './machine.js';

const NAMESPACE = 'keda';
const SERVICE = 'keda-metrics-apiserver';
const PORT = 6444;
const FIGURES = 'localhost:9666';
const API = { group: 'external.metrics.k8s.io', version: 'v1beta1' };

/** KEDA's operator, and the adapter by which autoscalers ask it, as programs of a machine that has a control plane. */
export async function keda(machine: Machine): Promise<void> {
  const config = machine.environment.KUBECONFIG!;
  const authority = new Authority(join(machine.folder, 'keda'));
  authority.sign('tls', 'DNS:localhost');
  await create(machine, [NAMED, REACHED, SERVED]);
  Object.assign(machine.environment, { WATCH_NAMESPACE: '', POD_NAMESPACE: NAMESPACE, KEDA_CLUSTER_OBJECT_NAMESPACE: NAMESPACE });

  const certified = ['--cert-dir', authority.folder];
  const bound = ['--metrics-bind-address', '0', '--health-probe-bind-address', '0', '--metrics-service-bind-address', FIGURES];
  await machine.serve('keda-operator', ['keda-operator', '--kubeconfig', config, ...bound, ...certified]);
  const trusting = ['kubeconfig', 'lister-kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].flatMap((key) => [
    `--${key}`,
    config,
  ]);
  const secured = [
    ...['--secure-port', String(PORT), '--bind-address', '127.0.0.1', '--client-ca-file', authority.file('ca.crt')],
    ...['--tls-cert-file', authority.file('tls.crt'), '--tls-private-key-file', authority.file('tls.key')],
  ];
  const isAsked = () => machine.run('kubectl', 'wait', '--for=condition=Available', `apiservice/${SERVED.metadata.name}`, '--timeout=1s');
  await machine.serve(
    'keda-adapter',
    ['keda-adapter', ...trusting, ...certified, ...secured, '--metrics-service-address', FIGURES],
    isAsked,
  );
}

const NAMED = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
/** The adapter is no pod: its Service is another name for the machine itself. */
const REACHED = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: SERVICE, namespace: NAMESPACE },
  spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port: PORT }] },
};
const SERVED = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: `${API.version}.${API.group}` },
  spec: {
    ...API,
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { name: SERVICE, namespace: NAMESPACE, port: PORT },
  },
};
