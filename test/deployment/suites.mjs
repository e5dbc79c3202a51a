import { helm, helmUnittest, kubeconform } from './tools/go-commands.mjs';
import { customResources } from './tools/custom-resources.mjs';
import { dashboardSource } from './tools/dashboard-source.mjs';
import { DockerEngine } from './tools/docker-engine.mjs';
import { hadolint, kubernetesValidate } from './tools/python-commands.mjs';
import { systemCommand } from './tools/system-packages.mjs';

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
  observability: {
    about: 'alerts and dashboards: promtool, and every expression against three replicas under traffic',
    tools: [systemCommand('promtool', 'prometheus'), systemCommand('prometheus'), dashboardSource],
  },
};
