import { join } from 'node:path';
import type { ReplicaSettings } from '../../support/a-replica.js';

const LEDGER = join(import.meta.dirname, '../../servers/ledger.mjs');

/** Entities are paths, writes lock them, and a read that may share is answered from memory where it can be. */
const POLICY = {
  keys: { separator: '.' },
  tools: {
    write: { kind: 'write', targets: ['/entity'] },
    write_patiently: { kind: 'write', targets: ['/entity'], hold_seconds: 30 },
    read: { kind: 'read', cache: { ttl_seconds: 60, tags: ['{entity}'] } },
  },
};

/** A bridge over children that write down what they do. */
export function ledgerSettings(ledger: string): ReplicaSettings {
  return {
    cache: { levels: { l2: { enabled: true } } },
    shutdown: { timeout_seconds: 20 },
    upstreams: {
      ledger: {
        command: process.execPath,
        args: [LEDGER, ledger],
        policy: POLICY,
        min_connections: 2,
        target_connections: 3,
        max_connections: 4,
      },
    },
  };
}
