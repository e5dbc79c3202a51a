import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { BridgeError } from '../call/bridge-error.js';
import type { AccessConfig } from './access.config.js';

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;
const HOST = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?$/;

/**
 * Keeps web pages out. A page that rebinds its own name to our address shows that name in Host; a page of another
 * origin shows it in Origin. Programs send neither, or an address that needs no name.
 */
export class BrowserRules {
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  /** The Host that was found to be ours last: callers of one installation nearly all say the same. */
  private known?: string;

  constructor({ allowedHosts, allowedOrigins }: AccessConfig) {
    this.hosts = new Set(['localhost', ...allowedHosts.map((host) => host.toLowerCase())]);
    this.origins = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  }

  /** @throws BridgeError `forbidden`, with the header that was refused */
  check({ headers, rawHeaders }: IncomingMessage): void {
    const host = headers.host?.toLowerCase() ?? '';
    if (!this.isKnown(host) || isRepeated(rawHeaders, 'host')) throw refusal('Host');
    const origin = headers.origin?.toLowerCase();
    if (origin === undefined) return;
    const isOwn = origin === `http://${host}` || origin === `https://${host}`;
    if (!(isOwn || this.origins.has(origin)) || isRepeated(rawHeaders, 'origin')) throw refusal('Origin');
  }

  private isKnown(host: string): boolean {
    if (host === this.known) return true;
    if (!this.isOurs(host)) return false;
    this.known = host;
    return true;
  }

  private isOurs(host: string): boolean {
    const [, v6, name] = HOST.exec(host) ?? [];
    if (v6 !== undefined) return isIP(v6) === 6;
    return name !== undefined && (isIP(name) === 4 || this.hosts.has(name) || this.hosts.has(host));
  }
}

/** What is wrong with an entry of `access.allowed_hosts`, if anything: no Host would ever equal it. */
export function hostProblem(entry: string): string | undefined {
  return HOST.test(entry) ? undefined : 'expected a host name, with its port or without, as it stands in Host; there are no wildcards';
}

/** What is wrong with an entry of `access.allowed_origins`, if anything: no Origin would ever equal it. */
export function originProblem(entry: string): string | undefined {
  return ORIGIN.test(entry) ? undefined : 'expected an origin such as https://console.example, without a path; there are no wildcards';
}

/** Node keeps only the first of these headers; a second one means that somebody else may have read the other. */
export function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i];
    if (header?.length === name.length && header.toLowerCase() === name) seen += 1;
  }
  return seen > 1;
}

function refusal(header: 'Host' | 'Origin'): BridgeError {
  const remedy = header === 'Host' ? 'access.allowed_hosts' : 'access.allowed_origins';
  return new BridgeError('forbidden', `This ${header} is not allowed; the operator lists it in ${remedy}`, {
    reason: header.toLowerCase(),
    outcome: 'not_started',
  });
}
