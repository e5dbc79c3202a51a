import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** A memory cgroup of our own: who joins it is killed by the kernel past the limit. */
export interface MemoryLimit {
  /** The program and arguments that run these within the limit. */
  within(command: string, args: readonly string[]): { readonly command: string; readonly args: readonly string[] };
  /** How often the kernel has killed in it. */
  kills(): number;
  remove(): void;
}

/** The files of either version; without a swap limit what is over would be swapped instead of killed. */
interface Layout {
  readonly parent: string;
  readonly limit: string;
  readonly swap?: { readonly file: string; readonly value: (bytes: number) => string };
  readonly events: string;
}

const V2: Layout = { parent: ROOT, limit: 'memory.max', swap: { file: 'memory.swap.max', value: () => '0' }, events: 'memory.events' };
const V1: Layout = {
  parent: join(ROOT, 'memory'),
  limit: 'memory.limit_in_bytes',
  swap: { file: 'memory.memsw.limit_in_bytes', value: String },
  events: 'memory.oom_control',
};

/** Undefined where this process may not make one. */
export function memoryLimit(bytes: number): MemoryLimit | undefined {
  const layout = usableLayout();
  if (layout === undefined) return undefined;
  const folder = join(layout.parent, `http-mcp-bridge-test-${process.pid}-${Date.now()}`);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, layout.limit), String(bytes));
  } catch (error) {
    if (existsSync(folder)) rmdirSync(folder);
    if (isForbidden(error)) return undefined;
    throw error;
  }
  if (layout.swap && existsSync(join(folder, layout.swap.file))) writeFileSync(join(folder, layout.swap.file), layout.swap.value(bytes));
  return {
    within: (command, args) => ({ command: '/bin/sh', args: ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder, command, ...args] }),
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folder, layout.events), 'utf8'))?.[1] ?? 0),
    remove: () => rmdirSync(folder),
  };
}

function usableLayout(): Layout | undefined {
  if (existsSync(join(V1.parent, V1.limit))) return V1;
  const controllers = join(ROOT, 'cgroup.subtree_control');
  if (!existsSync(controllers)) return undefined;
  if (readFileSync(controllers, 'utf8').includes('memory')) return V2;
  try {
    writeFileSync(controllers, '+memory');
    return V2;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ENOENT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '');
}
