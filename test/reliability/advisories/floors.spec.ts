import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const LOCK = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package-lock.json'), 'utf8')) as {
  packages: Record<string, { version?: string }>;
};

/** The first release without the advisory; older lines were patched too, but the lock holds these. */
const FLOORS = [
  ['@modelcontextprotocol/sdk', '1.24.0', 'CVE-2025-66414'],
  ['express', '5.0.0', 'CVE-2024-43796'],
  ['multer', '2.0.2', 'CVE-2025-7338'],
  ['path-to-regexp', '8.0.0', 'CVE-2024-45296'],
  ['qs', '6.14.1', 'CVE-2025-15284'],
  ['body-parser', '2.2.1', 'CVE-2025-13466, CVE-2024-45590'],
  ['ws', '8.17.1', 'CVE-2024-37890'],
  ['send', '1.0.0', 'CVE-2024-43799'],
  ['serve-static', '2.0.0', 'CVE-2024-43800'],
  ['cookie', '0.7.0', 'CVE-2024-47764'],
] as const;

describe('the lock file', () => {
  it.each(FLOORS)('holds no %s before %s (%s)', (name, floor) => {
    const versions = Object.entries(LOCK.packages)
      .filter(([path]) => path.endsWith(`node_modules/${name}`))
      .map(([, { version = '0.0.0' }]) => version);
    expect(versions).not.toEqual([]);
    expect(versions.filter((version) => isBefore(version, floor))).toEqual([]);
  });

  it('tells older from newer by numbers', () => {
    expect([isBefore('8.9.0', '8.17.1'), isBefore('8.17.1', '8.17.1'), isBefore('10.0.0', '9.9.9')]).toEqual([true, false, false]);
  });
});

function isBefore(version: string, floor: string): boolean {
  return version.localeCompare(floor, 'en', { numeric: true }) < 0;
}
