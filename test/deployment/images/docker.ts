import { spawnSync } from 'node:child_process';

/** The client by its path: an older one earlier on PATH may lack buildx. */
const CLIENT = '/usr/bin/docker';

/** Runs the client and answers what it printed. @throws with what it said */
export function docker(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(CLIENT, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Builds a Dockerfile given as text, without a context. */
export function build(tag: string, dockerfile: string): void {
  const { status, stderr } = spawnSync(CLIENT, ['build', '--network', 'host', '-t', tag, '-'], { input: dockerfile, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

export interface Inspected {
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly Health?: { readonly Status: string } };
  readonly Config: { readonly User: string; readonly Labels: Record<string, string> };
  readonly NetworkSettings: { readonly Ports: Record<string, readonly { readonly HostPort: string }[] | null> };
}

export function inspect(container: string): Inspected {
  return (JSON.parse(docker('inspect', container)) as Inspected[])[0]!;
}
