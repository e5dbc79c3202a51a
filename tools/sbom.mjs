// The bill of materials of what ships, in CycloneDX, on stdout: `npm run --silent sbom`. `npm sbom --omit=dev` alone leaves out
// whatever the tools of development need as well, two thirds of it, so it is asked about a lock that has no such tools.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const manifest = read('package.json');
const lock = read('package-lock.json');
for (const described of [manifest, lock.packages['']]) delete described.devDependencies;
lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => !dev));

const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const options = ['sbom', '--omit=dev', '--package-lock-only', '--sbom-format', 'cyclonedx'];
  const bill = execFileSync('npm', options, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  checkWhole(JSON.parse(bill));
  process.stdout.write(bill);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function read(name) {
  return JSON.parse(readFileSync(join(root, name), 'utf8'));
}

function checkWhole({ components }) {
  const listed = new Set(components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`));
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
  const missing = shipped
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`)
    .filter((name) => !listed.has(name));
  if (missing.length > 0) throw new Error(`The bill lacks ${missing.length} packages that ship: ${missing.slice(0, 5).join(', ')} …`);
}
