import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Without comments: what the compiler sees. */
  readonly code: string;
  /** Static and dynamic imports, relative ones resolved to a path; types included. */
  readonly imports: readonly string[];
  /** Imports that are there at run time. */
  readonly runtimeImports: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');

export function sourceFiles(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.m?ts$/.test(name))
    .map((name) => readSource(join(folder, name)));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
  const found = [...code.matchAll(/(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g)];
  const imports = found.map(([, type, fromStatic, dynamic]) => ({
    type: type !== undefined,
    target: resolve(path, fromStatic ?? dynamic ?? ''),
  }));
  return {
    path,
    text,
    code,
    imports: imports.map(({ target }) => target),
    runtimeImports: imports.filter(({ type }) => !type).map(({ target }) => target),
  };
}

function resolve(from: string, target: string): string {
  if (!target.startsWith('.')) return target;
  return relative(ROOT, normalize(join(ROOT, dirname(from), target))).replace(/\.js$/, '.ts');
}

/** Files that reach themselves through run-time imports, as a readable chain; empty when there is none. */
export function importCycles(files: readonly SourceFile[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of byPath.get(path)?.runtimeImports ?? []) if (byPath.has(next)) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}
