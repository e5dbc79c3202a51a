import { said, withFile } from '../said.js';
import { CHART, one, type KubernetesObject, render } from './chart-kit.js';
import { VALUE_SETS } from './value-sets.js';

const CORE = /^(v1|apps\/v1|policy\/v1|autoscaling\/v2|networking\.k8s\.io\/v1)$/;

describe('The chart', () => {
  it('passes the strict linter, and its own unit tests', () => {
    expect(said('helm', 'lint', '--strict', CHART)).toMatchObject({ status: 0 });
    expect(said('helm-unittest', '--strict', CHART)).toMatchObject({ status: 0 });
  });

  it.each(Object.entries(VALUE_SETS))('makes only objects that Kubernetes and the operators know: %s', (_, values) => {
    const objects = render(values);
    const isCore = ({ apiVersion }: KubernetesObject) => CORE.test(apiVersion);
    expect(validated('kubernetes-validate', ['--strict', '--quiet', '-k', '1.37'], objects.filter(isCore))).toEqual({
      status: 0,
      text: '',
    });
    const custom = objects.filter((object) => !isCore(object));
    if (custom.length > 0) {
      const location = `${process.env.CUSTOM_RESOURCES!}/schemas/{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json`;
      expect(validated('kubeconform', ['-strict', '-schema-location', location], custom)).toEqual({ status: 0, text: '' });
    }
  });

  it('is caught when a field is misspelt, core or custom', () => {
    const deployment = structuredClone(one(render({}), 'Deployment'));
    const container = deployment.spec.template.spec.containers[0];
    container.readynessProbe = container.readinessProbe;
    expect(validated('kubernetes-validate', ['--strict', '-k', '1.37'], [deployment]).status).not.toBe(0);

    const scaled = structuredClone(one(render(VALUE_SETS.keda!), 'ScaledObject'));
    scaled.spec.polingInterval = 15;
    const location = `${process.env.CUSTOM_RESOURCES!}/schemas/{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json`;
    expect(validated('kubeconform', ['-strict', '-schema-location', location], [scaled]).status).not.toBe(0);
  });

  it.each(Object.entries(VALUE_SETS))('gives every container the hardening of the image: %s', (_, values) => {
    const pods = render(values).flatMap(({ kind, spec }) => (kind === 'Pod' ? [spec] : spec?.template?.spec ? [spec.template.spec] : []));
    for (const pod of pods) {
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      const own = pod.containers.filter(({ name }: { name: string }) => ['bridge', 'redis', 'client'].includes(name));
      expect(own).toHaveLength(1);
      expect(own[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it.each(Object.entries(VALUE_SETS))('writes a configuration that the bridge accepts: %s', (_, values) => {
    const { data } = one(render(values), 'ConfigMap', 'home-http-mcp-bridge');
    const text = data['bridge.yaml'].replaceAll('/secrets/access/', '/tmp/');
    const checked = withFile('bridge.yaml', text, (file) => said('node', 'dist/main.js', 'config', 'check', '--config', file));
    expect(checked).toMatchObject({ status: 0 });
  });
});

function validated(program: string, options: readonly string[], objects: readonly KubernetesObject[]) {
  const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  return withFile('objects.yaml', text, (file) => said(program, ...options, file));
}
