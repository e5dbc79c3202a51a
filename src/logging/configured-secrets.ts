import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.js';
import { isSecretName } from '../config/secret-names.js';

/** Shorter values are words (`off`, `8123`), and blanking them would eat the log. */
const MIN_VALUE_LENGTH = 8;
const MIN_SECRET_LENGTH = 4;

/** All values that must never be shown: children's environments, our own keys, the store's password. */
export function configuredSecrets({ upstreams, access, redis, cache }: Config): readonly string[] {
  return [
    ...upstreams.flatMap(({ env }) =>
      Object.entries(env)
        .filter(isSecret)
        .map(([, value]) => value),
    ),
    ...[access.keyFile, access.signingKeyFile].flatMap(contentOf),
    ...[redis.url, cache.levels.l2.url].flatMap(passwordOf),
  ];
}

function isSecret([name, value]: [string, string]): boolean {
  return value.length >= (isSecretName(name) ? MIN_SECRET_LENGTH : MIN_VALUE_LENGTH);
}

/** A file that is not there yet is made, and its key known, before anything is logged about it. */
function contentOf(path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    const content = readFileSync(path, 'utf8').trim();
    return content.length >= MIN_SECRET_LENGTH ? [content] : [];
  } catch {
    return [];
  }
}

function passwordOf(url: string | undefined): string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password.length >= MIN_SECRET_LENGTH ? [password, decoded(password)] : [];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
