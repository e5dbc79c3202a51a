import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { command } from './command.mjs';
import { say } from './progress.mjs';

/** A command of a Debian package, installed when it is missing; none of its services is started. */
export function systemCommand(program, debianPackage = program) {
  return () => {
    const path = found(program);
    if (path) return path;
    if (process.getuid() !== 0) throw new Error(`${program} is missing; install Debian's package ${debianPackage}, or run this as root`);
    say(`installing Debian's package ${debianPackage}`);
    const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } };
    const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', debianPackage];
    try {
      command('apt-get', install, options);
    } catch {
      command('apt-get', ['update'], options);
      command('apt-get', install, options);
    }
    return found(program);
  };
}

function found(program) {
  const folders = [...process.env.PATH.split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => resolve(folder, program)).find((path) => existsSync(path));
}
