import { coredns, etcd, helm, helmUnittest, kedaAdapter, kedaOperator, kubeconform, kubernetes, kwok } from './tools/go-commands.mjs';
import { customResources } from './tools/custom-resources.mjs';
import { dashboardSource } from './tools/dashboard-source.mjs';
import { DockerEngine } from './tools/docker-engine.mjs';
import { hadolint, kubernetesValidate } from './tools/python-commands.mjs';
import { systemCommand } from './tools/system-packages.mjs';

const CONTROL_PLANE = [etcd, ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'].map(kubernetes)];
const NODE = [
  ...[kubernetes('kubelet'), kubernetes('kube-proxy'), coredns],
  ...[systemCommand('containerd'), systemCommand('runc'), systemCommand('iptables'), systemCommand('conntrack')],
  systemCommand('/usr/lib/cni/bridge', 'containernetworking-plugins'),
];

/** What each suite needs on its PATH; a tool is a function that makes it, once, and answers where it lies. */
export const SUITES = {
  chart: {
    about: 'the Helm chart: lint, every combination of values, schemas of Kubernetes and of the operators',
    tools: [helm, helmUnittest, kubeconform, kubernetesValidate, customResources],
  },
  images: {
    about: 'images and stacks on a Docker engine of their own: limits, keys, calls, a replica stopped under load',
    tools: [hadolint],
    engine: DockerEngine,
  },
  cluster: {
    about: 'the chart on Kubernetes itself: every set of values, a node with real pods, upgrades under load, KEDA',
    tools: [
      systemCommand('nsenter', 'util-linux'),
      systemCommand('ip', 'iproute2'),
      systemCommand('openssl'),
      helm,
      customResources,
    ].concat(CONTROL_PLANE, kwok, NODE, kedaOperator, kedaAdapter),
    engine: DockerEngine,
  },
  observability: {
    about: 'alerts and dashboards: promtool, and every expression against three replicas under traffic',
    tools: [systemCommand('promtool', 'prometheus'), systemCommand('prometheus'), dashboardSource],
  },
};
