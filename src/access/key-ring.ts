import { hash, timingSafeEqual } from 'node:crypto';
import { type Priority, priorityOf } from '../call/priority.js';
import type { AccessConfig, ApiKeyConfig } from './access.config.js';
import type { Caller } from './caller.js';
import { openKeyFile } from '../config/key-file.js';
import { matchesGlob } from '../call/name-glob.js';

/** Rights that a key carries. */
export interface KeyHolder {
  readonly principal: string;
  readonly maxPriority: Priority;
  readonly isOperator: boolean;
  readonly mayUse: Caller['mayUse'];
}

/** What all holders of a key may do. */
type Rights = Pick<ApiKeyConfig, 'servers' | 'tools' | 'maxPriority'> & { readonly operator?: boolean };
type KnownKey = Rights & Pick<ApiKeyConfig, 'name' | 'sha256'>;

/** The principal of the key in `access.key_file`. */
export const FILE_KEY_NAME = 'default';

/** All keys that open the door, known by their hashes only. */
export class KeyRing {
  private readonly holders: readonly { readonly digest: Buffer; readonly holder: KeyHolder }[];

  constructor(keys: readonly KnownKey[]) {
    this.holders = keys.map((key) => ({ digest: Buffer.from(key.sha256, 'hex'), holder: rightsOf(key.name, key) }));
  }

  /** @throws ConfigError when the key file can be neither read nor made */
  static open({ keys, keyFile }: AccessConfig): KeyRing {
    if (keyFile === undefined) return new KeyRing(keys);
    const { key } = openKeyFile(keyFile, 'access.key_file');
    return new KeyRing([...keys, { name: FILE_KEY_NAME, sha256: hash('sha256', key), maxPriority: 'HIGH', operator: true }]);
  }

  get isEmpty(): boolean {
    return this.holders.length === 0;
  }

  /** Compares with every key, so that the time taken says nothing about which one, or how much of it, was right. */
  holderOf(presented: string): KeyHolder | undefined {
    const digest = hash('sha256', presented, 'buffer');
    let found: KeyHolder | undefined;
    for (const key of this.holders) {
      if (timingSafeEqual(key.digest, digest)) found = key.holder;
    }
    return found;
  }
}

/** What a caller of this name may do. */
export function rightsOf(principal: string, { servers, tools, maxPriority, operator }: Rights): KeyHolder {
  return {
    principal,
    maxPriority: priorityOf(maxPriority),
    isOperator: operator ?? false,
    mayUse: (server, tool) =>
      (servers?.includes(server) ?? true) && (tools === undefined || tool === undefined || tools.some((glob) => matchesGlob(glob, tool))),
  };
}
