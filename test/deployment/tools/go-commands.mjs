import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { command } from './command.mjs';

const environment = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
const KUBERNETES = 'v1.37.1';
/** As in the definitions of its resources. */
const KEDA = 'v2.21.0';

export const etcd = () => goCommand('etcd', 'go.etcd.io/etcd/server/v3', 'v3.7.3', 'go.etcd.io/etcd/server/v3');
export const coredns = () => goCommand('coredns', 'github.com/coredns/coredns', 'v1.15.0', 'github.com/coredns/coredns');
export const kwok = () => goCommand('kwok', 'sigs.k8s.io/kwok', 'v0.8.0', 'sigs.k8s.io/kwok/cmd/kwok');
export const kedaOperator = () =>
  goCommand('keda-operator', 'github.com/kedacore/keda/v2', KEDA, 'github.com/kedacore/keda/v2/cmd/operator');
export const kedaAdapter = () => goCommand('keda-adapter', 'github.com/kedacore/keda/v2', KEDA, 'github.com/kedacore/keda/v2/cmd/adapter');
export const helm = () => goCommand('helm', 'helm.sh/helm/v4', 'v4.3.0', 'helm.sh/helm/v4/cmd/helm');
export const kubeconform = () =>
  goCommand('kubeconform', 'github.com/yannh/kubeconform', 'v0.8.0', 'github.com/yannh/kubeconform/cmd/kubeconform');
export const helmUnittest = () =>
  goCommand(
    'helm-unittest',
    'github.com/helm-unittest/helm-unittest',
    'v1.1.2',
    'github.com/helm-unittest/helm-unittest/cmd/helm-unittest',
  );

/**
 * A command of Kubernetes. Its go.mod replaces modules by folders of its own repository; these are published too, under
 * versions of their own: v1.37.1 goes with v0.37.1 of each.
 */
export const kubernetes = (name) => () => {
  const [, minor, patch] = KUBERNETES.split('.');
  const about = { gitVersion: KUBERNETES, gitMajor: 1, gitMinor: minor, gitTreeState: 'clean' };
  const flags = Object.entries(about).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  return goCommand(name, 'k8s.io/kubernetes', KUBERNETES, `k8s.io/kubernetes/cmd/${name}`, {
    flags,
    published: ({ Path }) => ({ Path: Path.replace('./staging/src/', ''), Version: `v0.${minor}.${patch}` }),
  });
};

/**
 * A command of a Go module. `go install` refuses a module whose go.mod replaces others; a module of our own that
 * requires it and repeats its replacements does not, as long as they are published.
 * @param options.flags more for the linker  @param options.published where a replacement by a folder is published
 */
export async function goCommand(name, module, version, main, { flags = [], published = () => undefined } = {}) {
  const folder = await cached(name, version, (draft) => {
    const go = (...args) => command('go', args, { cwd: draft, env: environment });
    go('mod', 'init', 'tool.build');
    const { GoMod } = JSON.parse(go('mod', 'download', '-json', `${module}@${version}`));
    const [, goVersion] = /^go (\S+)$/m.exec(readFileSync(GoMod, 'utf8'));
    go('mod', 'edit', `-go=${goVersion}`, `-require=${module}@${version}`);
    for (const { Old, New } of JSON.parse(go('mod', 'edit', '-json', GoMod)).Replace ?? []) {
      const by = New.Version ? New : published(New);
      if (by) go('mod', 'edit', `-replace=${Old.Path}${Old.Version ? `@${Old.Version}` : ''}=${by.Path}@${by.Version}`);
    }
    go('build', '-trimpath', '-ldflags', ['-s -w', ...flags].join(' '), '-o', join(draft, name), main);
    writeFileSync(join(draft, 'VERSION'), `${module} ${version}\n`);
  });
  return join(folder, name);
}
