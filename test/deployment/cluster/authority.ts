import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes'];
const DAYS = ['-days', '2'];

/** Signs certificates for the length of a test. */
export class Authority {
  /** @param folder where it and everything it signed lies: `ca.crt` and, for each name, `<name>.crt` and `<name>.key` */
  constructor(readonly folder: string) {
    mkdirSync(folder);
    openssl('req', '-x509', ...NEW_KEY, ...DAYS, '-subj', '/CN=ca', '-keyout', this.file('ca.key'), '-out', this.file('ca.crt'));
  }

  /** @param reached where its bearer is reached, as in `DNS:localhost` */
  sign(name: string, reached: string): void {
    writeFileSync(this.file('extensions'), `subjectAltName=${reached}\n`);
    openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', this.file(`${name}.key`), '-out', this.file('request'));
    const by = ['-CA', this.file('ca.crt'), '-CAkey', this.file('ca.key'), '-CAcreateserial', '-extfile', this.file('extensions')];
    openssl('x509', '-req', ...DAYS, '-in', this.file('request'), ...by, '-out', this.file(`${name}.crt`));
  }

  file(name: string): string {
    return join(this.folder, name);
  }
}

export function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
