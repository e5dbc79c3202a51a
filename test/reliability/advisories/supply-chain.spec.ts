import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../../..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
}

/** Licences under which we may ship what we bundle. */
const ACCEPTED = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Python-2.0'];
/** Of packages that carry their licence as a file and do not name it; both are MIT. */
const UNNAMED = ['node_modules/busboy', 'node_modules/streamsearch'];

/** What a reader copies from us, or what starts by itself. */
const PUBLISHED = tracked('*.md', 'config', 'docker', 'helm', 'demo');
const WORKFLOWS = tracked('.github/workflows');
/** The package after `npx -y` or `uvx`, as a command or as its parts in YAML or JSON. */
const FETCHED = /(?:\bnpx (?:-y|--yes) |^\s*uvx |\[ *"?(?:-y|--yes)"?, *"?)([\w@/.=-]+)/gm;

describe('What ships', () => {
  it('has a licence that lets us pass it on', () => {
    const { packages } = JSON.parse(text('package-lock.json')) as { packages: Record<string, LockedPackage> };
    const foreign = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
    const others = foreign.filter(([path, { license }]) => !UNNAMED.includes(path) && !ACCEPTED.includes(license ?? ''));
    expect(foreign.length).toBeGreaterThan(50);
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  it.each(['package.json', 'tools/dashboards/package.json'])('names one version of each dependency in %s', (path) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(text(path)) as Record<string, Record<string, string>>;
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('fetches no server of a version that somebody else chooses', () => {
    const fetched = PUBLISHED.flatMap((path) => [...text(path).matchAll(FETCHED)].map(([, name]) => `${path}: ${name}`));
    expect(fetched).not.toEqual([]);
    expect(fetched.filter((line) => !/(.@|==)\d+(\.\d+)+$/.test(line))).toEqual([]);
  });

  it('is built by actions that cannot be moved under us', () => {
    const used = WORKFLOWS.flatMap((path) => [...text(path).matchAll(/\buses: (.+)$/gm)].map(([, action]) => action!));
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((action) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  it.each(WORKFLOWS)('starts with the right to read alone in %s', (path) => {
    expect(parse(text(path))).toMatchObject({ permissions: { contents: 'read' } });
  });
});

function tracked(...paths: readonly string[]): readonly string[] {
  return execFileSync('git', ['ls-files', '--', ...paths], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}
