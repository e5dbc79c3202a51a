import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Authority, openssl } from './authority.js';
import type { Machine } from './machine.js';

const API = 'https://127.0.0.1:6443';
const ETCD = 'http://127.0.0.1:2379';
/** An autoscaler that has seen less work for so long gives pods back; 300 s where nobody waits for a test. */
const SCALE_DOWN_AFTER = '10s';

/** etcd, the API server, the controllers and the scheduler: what `kubectl` of this machine means from now on. */
export async function controlPlane(machine: Machine): Promise<void> {
  const file = (name: string) => join(machine.folder, name);
  const token = randomBytes(16).toString('hex');
  writeFileSync(file('tokens'), `${token},admin,admin,system:masters\n`);
  writeFileSync(file('kubeconfig'), kubeconfig(token));
  openssl('genrsa', '-out', file('accounts.key'), '2048');
  openssl('rsa', '-in', file('accounts.key'), '-pubout', '-out', file('accounts.pub'));
  machine.environment.KUBECONFIG = file('kubeconfig');

  await machine.serve('etcd', ['etcd', '--data-dir', file('etcd'), ...ETCD_OPTIONS]);
  const isReady = () => machine.run('kubectl', 'get', '--raw', '/readyz');
  await machine.serve('kube-apiserver', ['kube-apiserver', ...apiOptions(file)], isReady);
  const as = ['--kubeconfig', file('kubeconfig'), '--leader-elect=false', '--secure-port=0'];
  const accounts = ['--service-account-private-key-file', file('accounts.key'), '--use-service-account-credentials=false'];
  const scaling = ['--horizontal-pod-autoscaler-sync-period=2s', `--horizontal-pod-autoscaler-downscale-stabilization=${SCALE_DOWN_AFTER}`];
  await machine.serve('kube-controller-manager', ['kube-controller-manager', ...as, ...accounts, ...scaling]);
  await machine.serve('kube-scheduler', ['kube-scheduler', ...as]);
}

const ETCD_OPTIONS = [
  '--listen-client-urls',
  ETCD,
  '--advertise-client-urls',
  ETCD,
  '--listen-peer-urls',
  'http://127.0.0.1:2380',
  '--unsafe-no-fsync',
];

function apiOptions(file: (name: string) => string): readonly string[] {
  // by these an aggregated API, such as KEDA's, knows the API server
  const front = new Authority(file('front'));
  front.sign('proxy', 'DNS:localhost');
  return [
    ...['--etcd-servers', ETCD, '--bind-address', '127.0.0.1', '--secure-port', '6443', '--cert-dir', file('certificates')],
    ...['--service-account-key-file', file('accounts.pub'), '--service-account-signing-key-file', file('accounts.key')],
    ...['--service-account-issuer', 'https://kubernetes.default.svc', '--service-cluster-ip-range', '10.96.0.0/16'],
    ...['--authorization-mode', 'RBAC', '--token-auth-file', file('tokens'), '--kubelet-preferred-address-types', 'InternalIP'],
    ...['--requestheader-client-ca-file', front.file('ca.crt'), '--requestheader-username-headers', 'X-Remote-User'],
    ...['--requestheader-group-headers', 'X-Remote-Group', '--requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
    ...['--proxy-client-cert-file', front.file('proxy.crt'), '--proxy-client-key-file', front.file('proxy.key')],
  ];
}

function kubeconfig(token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster: { server: API, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'admin' } }],
    'current-context': 'own',
  });
}
