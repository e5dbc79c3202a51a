import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { command } from './command.mjs';

const environment = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };

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
 * A command of a Go module. `go install` refuses a module whose go.mod replaces others; a module of our own that
 * requires it and repeats its published replacements does not.
 */
export async function goCommand(name, module, version, main) {
  const folder = await cached(name, version, (draft) => {
    const go = (...args) => command('go', args, { cwd: draft, env: environment });
    go('mod', 'init', 'tool.build');
    const { GoMod } = JSON.parse(go('mod', 'download', '-json', `${module}@${version}`));
    const [, goVersion] = /^go (\S+)$/m.exec(readFileSync(GoMod, 'utf8'));
    go('mod', 'edit', `-go=${goVersion}`, `-require=${module}@${version}`);
    for (const { Old, New } of JSON.parse(go('mod', 'edit', '-json', GoMod)).Replace ?? []) {
      if (New.Version) go('mod', 'edit', `-replace=${Old.Path}${Old.Version ? `@${Old.Version}` : ''}=${New.Path}@${New.Version}`);
    }
    go('build', '-trimpath', '-ldflags', '-s -w', '-o', join(draft, name), main);
    writeFileSync(join(draft, 'VERSION'), `${module} ${version}\n`);
  });
  return join(folder, name);
}
