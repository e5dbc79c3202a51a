import { readFileSync } from 'node:fs';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { isJsonObject } from '../call/json.js';
import type { Problem } from '../config/config-error.js';
import { ConfigError } from '../config/config-error.js';
import type { JwtConfig } from './access.config.js';
import { type KeyHolder, rightsOf } from './key-ring.js';

/** By public keys only: a shared secret could be mistaken for one of them, and `none` is no algorithm. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
/** Clocks of issuer and bridge may differ by so much. */
const LEEWAY_SECONDS = 30;
const SUBJECT = /^[\x21-\x7e]{1,128}$/;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

type Verify = (token: string) => Promise<JWTPayload>;

/** Knows callers by tokens that somebody else has signed. */
export class TokenReader {
  private constructor(
    private readonly config: JwtConfig,
    private readonly verify: Verify,
  ) {}

  /**
   * Undefined where no tokens are accepted; the library is loaded only where they are.
   * @throws ConfigError when the keys cannot be read
   */
  static async open(config: JwtConfig): Promise<TokenReader | undefined> {
    const { keysFile, issuer, audience } = config;
    if (keysFile === undefined) return undefined;
    const { createLocalJWKSet, jwtVerify } = await import('jose');
    const keys = createLocalJWKSet(readKeys(keysFile));
    const demands = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: LEEWAY_SECONDS, requiredClaims: ['exp', 'sub'] };
    return new TokenReader(config, async (token) => (await jwtVerify(token, keys, demands)).payload);
  }

  /** Whether it has the form of a token at all; whether it holds is for `holderOf` to find out. */
  isToken(presented: string): boolean {
    return COMPACT.test(presented);
  }

  /** Undefined for every token that does not hold, whatever is wrong with it. */
  async holderOf(token: string): Promise<KeyHolder | undefined> {
    const { sub = '' } = await this.verify(token).catch((): JWTPayload => ({}));
    // no key may have a name with a colon, so a subject is never taken for one
    return SUBJECT.test(sub) ? rightsOf(`jwt:${sub}`, this.config) : undefined;
  }
}

/** What is wrong with the configuration of tokens, if anything. */
export function jwtProblems({ keysFile, issuer, audience }: JwtConfig): Problem[] {
  if (keysFile === undefined) return [];
  const missing = Object.entries({ issuer, audience }).filter(([, value]) => value === '');
  return [
    ...missing.map(([name]) => ({
      key: `access.jwt.${name}`,
      message: 'is needed with access.jwt.keys_file: a token for others is none for us',
    })),
    ...keysProblem(keysFile),
  ];
}

function keysProblem(path: string): Problem[] {
  try {
    readKeys(path);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems];
    throw error;
  }
}

/** @throws ConfigError */
function readKeys(path: string): JSONWebKeySet {
  const set = parsed(path);
  const keys: readonly unknown[] = isJsonObject(set) && Array.isArray(set.keys) ? set.keys : [];
  const isPublic = (key: unknown) => isJsonObject(key) && typeof key.kty === 'string' && key.kty !== 'oct' && key.d === undefined;
  if (keys.length > 0 && keys.every(isPublic)) return { keys: keys as JSONWebKeySet['keys'] };
  throw refusal(`${path} is no JWK set of public keys: {"keys": [{"kty": …}]}`);
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw refusal(`${path} cannot be read as JSON`);
  }
}

function refusal(message: string): ConfigError {
  return new ConfigError([{ key: 'access.jwt.keys_file', message }]);
}
