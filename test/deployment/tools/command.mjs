import { spawnSync } from 'node:child_process';

/**
 * Runs a command to its end and answers what it printed.
 * @throws Error with the end of what it said
 */
export function command(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, ...options });
  if (error?.code === 'ENOENT') throw new Error(`${program} is missing; install it and run this again`);
  if (error || status !== 0) {
    const said = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-15).join('\n');
    throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? `exit ${status}`}\n${said}`);
  }
  return stdout;
}
