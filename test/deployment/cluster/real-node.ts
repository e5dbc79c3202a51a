import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PAUSE_IMAGE } from './node-images.js';
import { ADDRESS, type Machine } from './machine.js';

const NODE = 'n1';
const PODS = '10.98.0.0/24';
const DOMAIN = 'cluster.local';
/** kubelet insists on these; it finds them in files laid over the kernel's, which stay as they are. */
const EXPECTED_SYSCTLS = { 'vm/overcommit_memory': 1, 'kernel/panic': 10, 'kernel/panic_on_oops': 1 };

/**
 * A node whose pods are real: containerd, kubelet, kube-proxy and CoreDNS, on a machine that has a control plane.
 * Names of Services mean the same to the machine's own programs as to pods.
 * @param images an archive of all images that pods need
 */
export async function realNode(machine: Machine, images: string): Promise<void> {
  const file = (name: string) => join(machine.folder, name);
  const config = machine.environment.KUBECONFIG!;
  await layOver(machine, file('sysctls'));

  writeFileSync(file('containerd.toml'), containerd(file));
  mkdirSync(file('networks'));
  writeFileSync(file('networks/10.conflist'), network(file('leases')));
  const ctr = (...args: readonly string[]) => machine.run('ctr', '-a', file('containerd.sock'), '-n', 'k8s.io', ...args);
  await machine.serve('containerd', ['containerd', '-c', file('containerd.toml')], () => ctr('version'));
  await ctr('images', 'import', images);

  writeFileSync(file('Corefile'), `.:53 {\n  bind ${ADDRESS}\n  kubernetes ${DOMAIN} {\n    kubeconfig ${config} own\n  }\n}\n`);
  await machine.serve('coredns', ['coredns', '-conf', file('Corefile')]);
  const proxied = ['--proxy-mode', 'iptables', '--cluster-cidr', PODS, '--conntrack-max-per-core', '0', '--bind-address', ADDRESS];
  await machine.serve('kube-proxy', ['kube-proxy', '--kubeconfig', config, '--hostname-override', NODE, ...proxied]);
  writeFileSync(file('kubelet.yaml'), kubelet(machine.group, file));
  const own = [
    '--root-dir',
    file('kubelet'),
    '--cert-dir',
    file('kubelet-certificates'),
    '--hostname-override',
    NODE,
    '--node-ip',
    ADDRESS,
  ];
  const isReady = () => machine.run('kubectl', 'wait', '--for=condition=Ready', `node/${NODE}`, '--timeout=1s');
  await machine.serve('kubelet', ['kubelet', '--kubeconfig', config, '--config', file('kubelet.yaml'), ...own], isReady);
}

async function layOver(machine: Machine, folder: string): Promise<void> {
  mkdirSync(folder);
  const lay = (text: string, target: string) => {
    const file = join(folder, target.replaceAll('/', '-'));
    writeFileSync(file, text);
    return machine.run('mount', '--bind', file, target);
  };
  for (const [name, value] of Object.entries(EXPECTED_SYSCTLS)) await lay(`${value}\n`, `/proc/sys/${name}`);
  await lay(`nameserver ${ADDRESS}\nsearch svc.${DOMAIN} ${DOMAIN}\noptions ndots:5\n`, '/etc/resolv.conf');
}

function containerd(file: (name: string) => string): string {
  return `
version = 2
root = "${file('containerd')}"
state = "${file('containerd-state')}"
[grpc]
  address = "${file('containerd.sock')}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${file('networks')}"
`;
}

function network(leases: string): string {
  const addresses = { type: 'host-local', ranges: [[{ subnet: PODS }]], routes: [{ dst: '0.0.0.0/0' }], dataDir: leases };
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipam: addresses };
  return JSON.stringify({ cniVersion: '0.4.0', name: 'pods', plugins: [bridge] });
}

function kubelet(group: string, file: (name: string) => string): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${file('containerd.sock')}`,
    clusterDNS: [ADDRESS],
    clusterDomain: DOMAIN,
    resolvConf: '',
    // cgroups of either version, without a tree of one's own for each class of pods
    cgroupRoot: `/${group}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    protectKernelDefaults: true,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
  });
}
