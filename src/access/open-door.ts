import { hash } from 'node:crypto';
import { ConfigError, type Problem } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import type { AccessConfig } from './access.config.js';
import { hostProblem, originProblem } from './browser-rules.js';
import { ANONYMOUS } from './caller.js';
import { networkProblem } from './client-address.js';
import { openKeyFile } from '../config/key-file.js';
import { FILE_KEY_NAME } from './key-ring.js';
import { jwtProblems } from './token-reader.js';
import { isLoopback } from '../config/loopback.js';

/** Words that stand where a secret should be in other people's examples. */
const PLACEHOLDERS = [
  '',
  'changeme',
  'change-me',
  'secret',
  'password',
  'token',
  'your-token',
  'your-api-key',
  'api-key',
  'apikey',
  'test',
  'example',
  'admin',
  '123456',
];
const PLACEHOLDER_HASHES = new Set([...PLACEHOLDERS.map((word) => hash('sha256', word)), '0'.repeat(64), 'f'.repeat(64)]);

/**
 * Decides at start whether this door may be opened, and makes the key files that do not exist yet.
 * @returns warnings for the log
 * @throws ConfigError
 */
export function checkDoor({ access, bridge }: Config): readonly string[] {
  const problems = doorProblems({ access, bridge });
  if (problems.length > 0) throw new ConfigError(problems);
  return [...madeKeys(access), ...(isOpen(access, bridge.host) ? [OPEN_DOOR] : [])];
}

/** Why this door may not be opened, as far as that can be told without making a file. */
export function doorProblems({ access, bridge }: Pick<Config, 'access' | 'bridge'>): readonly Problem[] {
  return [
    ...keyProblems(access),
    ...jwtProblems(access.jwt),
    ...entryProblems('access.trust_proxy', access.trustProxy, networkProblem),
    ...entryProblems('access.allowed_hosts', access.allowedHosts, hostProblem),
    ...entryProblems('access.allowed_origins', access.allowedOrigins, originProblem),
    ...openDoorProblems(access, bridge.host),
  ];
}

/** To be repeated each minute. */
export const OPEN_DOOR = 'Anybody who reaches this address may call every tool: access.allow_unauthenticated is set and there is no key';

/** Whether callers from other machines come in without a key. */
export function isOpen(access: AccessConfig, host: string): boolean {
  return !isLoopback(host) && !hasKey(access);
}

function openDoorProblems(access: AccessConfig, host: string): Problem[] {
  if (!isOpen(access, host) || access.allowUnauthenticated) return [];
  const ways = [
    'set bridge.host to 127.0.0.1',
    'give a key (access.keys with a hash from `http-mcp-bridge key new`, or access.key_file, which is made once)',
    'set access.allow_unauthenticated: true to let everybody in',
  ];
  return [
    {
      key: 'bridge.host',
      message: `${host} can be reached from other machines and there is no API key. Three ways out: ${ways.join('; ')}`,
    },
  ];
}

function keyProblems({ keys, keyFile }: AccessConfig): Problem[] {
  return keys.flatMap(({ name, sha256 }, index) => [
    ...(PLACEHOLDER_HASHES.has(sha256)
      ? [{ key: `access.keys[${index}].sha256`, message: 'is the hash of a placeholder; make a key with `http-mcp-bridge key new`' }]
      : []),
    ...(name === ANONYMOUS
      ? [{ key: `access.keys[${index}].name`, message: `${ANONYMOUS} is what callers without a key are called; choose another name` }]
      : []),
    // two keys of one name would be one principal: one's sessions and answers would be the other's
    ...(name === FILE_KEY_NAME && keyFile !== undefined
      ? [{ key: `access.keys[${index}].name`, message: `${FILE_KEY_NAME} is the key of access.key_file; choose another name` }]
      : []),
  ]);
}

function entryProblems(key: string, entries: readonly string[], problemOf: (entry: string) => string | undefined): Problem[] {
  return entries.flatMap((entry, index) => {
    const message = problemOf(entry);
    return message === undefined ? [] : [{ key: `${key}[${index}]`, message }];
  });
}

function madeKeys({ keyFile, signingKeyFile }: AccessConfig): string[] {
  const files = [
    ['access.key_file', keyFile],
    ['access.signing_key_file', signingKeyFile],
  ] as const;
  return files.flatMap(([field, path]) =>
    path !== undefined && openKeyFile(path, field).made ? [`Made a new key: ${path} (${field})`] : [],
  );
}

function hasKey({ keys, keyFile, jwt }: AccessConfig): boolean {
  return keys.length > 0 || keyFile !== undefined || jwt.keysFile !== undefined;
}
