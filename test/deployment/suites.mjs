import { helm, helmUnittest, kubeconform } from './tools/go-commands.mjs';
import { customResources } from './tools/custom-resources.mjs';
import { kubernetesValidate } from './tools/python-commands.mjs';

/** What each suite needs on its PATH; a tool is a function that makes it, once, and answers where it lies. */
export const SUITES = {
  chart: {
    about: 'the Helm chart: lint, every combination of values, schemas of Kubernetes and of the operators',
    tools: [helm, helmUnittest, kubeconform, kubernetesValidate, customResources],
  },
};
