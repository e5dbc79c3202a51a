import type { IncomingMessage } from 'node:http';
import { BridgeError } from '../call/bridge-error.js';
import type { AccessConfig } from './access.config.js';
import { BrowserRules, isRepeated } from './browser-rules.js';
import { ANONYMOUS, type Caller } from './caller.js';
import { ClientAddress } from './client-address.js';
import type { KeyHolder, KeyRing } from './key-ring.js';
import type { TokenReader } from './token-reader.js';

/** Where nobody can prove who they are, everybody may do everything but ask for CRITICAL, which is a right of keys. */
const EVERYBODY: KeyHolder = { principal: ANONYMOUS, maxPriority: 1, isOperator: false, mayUse: () => true };
/** A probe learns fixed words and may do nothing. */
const PROBE: KeyHolder = { principal: ANONYMOUS, maxPriority: 4, isOperator: false, mayUse: () => false };

/** The one access decision: every request of the main port meets it before anything else looks at the path. */
export class Doorkeeper {
  private readonly openPaths: ReadonlySet<string>;
  private readonly rules: BrowserRules;
  private readonly addresses: ClientAddress;

  constructor(
    config: AccessConfig,
    healthCheckPath: string,
    private readonly keys: KeyRing,
    private readonly tokens?: TokenReader,
  ) {
    this.openPaths = new Set([healthCheckPath, `${healthCheckPath}/live`, `${healthCheckPath}/ready`]);
    this.rules = new BrowserRules(config);
    this.addresses = new ClientAddress(config.trustProxy);
  }

  /**
   * At once for everybody but the holders of tokens.
   * @throws BridgeError `unauthorized` or `forbidden`; `data.reason` is one of a few fixed words
   */
  admit(request: IncomingMessage): Caller | Promise<Caller> {
    const address = this.addresses.of(request);
    if (this.isProbe(request)) return callerFrom(PROBE, address);
    this.rules.check(request);
    if (this.keys.isEmpty && !this.tokens) return callerFrom(EVERYBODY, address);
    const presented = presentedKey(request);
    const holder = this.keys.holderOf(presented);
    if (holder === undefined && this.tokens?.isToken(presented)) return this.admitToken(this.tokens, presented, address);
    if (holder === undefined) throw unauthorized('wrong_key', 'This API key is not known');
    return callerFrom(holder, address);
  }

  private async admitToken(tokens: TokenReader, token: string, address: string): Promise<Caller> {
    const holder = await tokens.holderOf(token);
    if (holder === undefined) throw unauthorized('bad_token', 'This token is not accepted');
    return callerFrom(holder, address);
  }

  /** Whether the request names an open path, letter by letter: what a router would merely take for one needs a key. */
  isProbe({ url = '' }: IncomingMessage): boolean {
    const query = url.indexOf('?');
    return this.openPaths.has(query < 0 ? url : url.slice(0, query));
  }
}

function callerFrom({ principal, maxPriority, isOperator, mayUse }: KeyHolder, address: string): Caller {
  const authenticated = principal !== ANONYMOUS;
  return { principal, authenticated, address, share: authenticated ? principal : address, maxPriority, isOperator, mayUse };
}

function presentedKey({ headers, rawHeaders }: IncomingMessage): string {
  if (isRepeated(rawHeaders, 'authorization') || isRepeated(rawHeaders, 'x-api-key')) {
    throw unauthorized('repeated_key', 'Send one API key');
  }
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  const key = bearer ?? headers['x-api-key'];
  if (typeof key === 'string' && key !== '') return key;
  throw unauthorized('no_key', 'Send an API key: Authorization: Bearer …, or X-API-Key');
}

function unauthorized(reason: string, message: string): BridgeError {
  return new BridgeError('unauthorized', message, { reason, outcome: 'not_started' });
}
