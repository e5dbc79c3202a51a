import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ConfigError } from './config-error.js';
import { codeOf } from './environment.js';

export interface KeyFile {
  readonly key: string;
  /** This process wrote it; the log then names the file. */
  readonly made: boolean;
}

const MIN_BYTES = 32;
const WAIT_FOR_WRITER_MS = 1000;

/**
 * Reads a secret, or makes one of 256 random bits when there is no such file: once, whoever shares the volume.
 * @param field the configuration key that names the file, for the error
 * @throws ConfigError when it can be neither read nor made, or is too short to be a secret
 */
export function openKeyFile(path: string, field: string): KeyFile {
  const fresh = randomBytes(32).toString('base64url');
  try {
    if (makeKeyFile(path, fresh)) return { key: fresh, made: true };
    const key = readKeyFile(path);
    if (Buffer.byteLength(key) >= MIN_BYTES) return { key, made: false };
  } catch (error) {
    throw refusal(field, `cannot read or make ${path} (${codeOf(error)}); mount a writable directory or name another file`);
  }
  throw refusal(
    field,
    `${path} holds fewer than ${MIN_BYTES} bytes; remove it to get a new key, or write one with \`http-mcp-bridge key new\``,
  );
}

/** Exclusive creation: of many replicas that start at once exactly one makes the key. */
function makeKeyFile(path: string, key: string): boolean {
  try {
    writeFileSync(path, `${key}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isKeyThere(error, path)) return false;
    throw error;
  }
}

/** A mounted secret on a read-only volume says EROFS, though it exists and is all that is needed. */
function isKeyThere(error: unknown, path: string): boolean {
  if (codeOf(error) === 'EEXIST') return true;
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** An empty file is one that another replica is about to fill. */
function readKeyFile(path: string): string {
  const giveUpAt = performance.now() + WAIT_FOR_WRITER_MS;
  for (;;) {
    const key = readFileSync(path, 'utf8').trim();
    if (key !== '' || performance.now() > giveUpAt) return key;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

function refusal(key: string, message: string): ConfigError {
  return new ConfigError([{ key, message }]);
}
