import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const SHIPPED = ['config', 'docker', 'helm', 'docs', 'bench', 'README.md', 'CHANGELOG.md', 'package.json'];
/** A value in clear; `${NAME}`, `…` and `<…>` stand for what the reader has to put in. Names of secrets are none. */
const SECRET =
  /(?<![A-Za-z])(?:\w*_)?(?:password|passwd|secret|token|api[-_]?key|auth[-_]?key)["']?\s*[:=]\s*["']?([A-Za-z0-9+/_-]{4,})(?=["'\s]|$)/i;
const NO_SECRET = /^(?:true|false|null|none|demo-.*)$/;
/** Prose and code say `token: …` of other things; words that nobody should leave as they are, are looked for there too. */
const SETTINGS_FILE = /\.(?:ya?ml|json|env|conf|cfg|ini|toml|sh)$|Dockerfile/;
const DEFAULTS =
  /\b(?:changeme|change-me|password123|hunter2|letmein|admin:admin|root:root|guest:guest|default-secret|my-secret|s3cr3t)\b/i;
const LONG_RANDOM = /\b(?:sk-|ghp_|xox[bp]-|AKIA)[A-Za-z0-9_-]{12,}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

const files = SHIPPED.flatMap((name) => filesIn(join(ROOT, name)));

describe('CVE-2026-53709, CVE-2026-78573: what is shipped', () => {
  it('holds no secret that would open a door, and no word that people leave as they found it', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap(wrongLines)).toEqual([]);
  });

  it('would be found', () => {
    const lines = [
      'password: hunter2',
      'GF_SECURITY_ADMIN_PASSWORD=admin',
      'api_key: "abcdef"',
      'user: admin:admin',
      'key: sk-abcdefghijklmnop',
    ];
    expect(lines.filter(isWrong)).toEqual(lines);
    const fine = ['HASS_TOKEN: ${HASS_TOKEN:-}', 'key_file:', 'HASS_TOKEN=…', "-H 'X-API-Key: …'", 'existingSecret: ""'];
    expect(fine.filter(isWrong)).toEqual([]);
  });
});

function wrongLines(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const isBad = SETTINGS_FILE.test(path) ? isWrong : isLeftover;
  return lines.flatMap((line, index) => (isBad(line) ? [`${path.slice(ROOT.length + 1)}:${index + 1} ${line.trim().slice(0, 120)}`] : []));
}

function isWrong(line: string): boolean {
  const [, value] = line.includes('{{') ? [] : (SECRET.exec(line) ?? []);
  return isLeftover(line) || (value !== undefined && !NO_SECRET.test(value));
}

function isLeftover(line: string): boolean {
  return DEFAULTS.test(line) || LONG_RANDOM.test(line);
}

function filesIn(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return [path];
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .flatMap((name) => filesIn(join(path, name)));
}
