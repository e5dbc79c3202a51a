import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = ['redis-server', 'valkey-server'];

/**
 * The server that tests start, found on PATH.
 * @throws with the remedy in one line when there is none
 */
export function redisBinary(): string {
  const binary = find();
  if (binary === undefined)
    throw new Error('These tests need redis-server or valkey-server on PATH: install it, or run them as root where apt is');
  return binary;
}

function find(): string | undefined {
  const folders = (process.env.PATH ?? '').split(':');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Several runs may install at once, and the package must not start a server of its own beside ours. */
const INSTALL = `
set -e
command -v redis-server >/dev/null && exit 0
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then printf '#!/bin/sh\\nexit 101\\n' > "$policy"; chmod +x "$policy"; trap 'rm -f "$policy"' EXIT; fi
export DEBIAN_FRONTEND=noninteractive
install='apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends redis-server'
$install || { apt-get update; $install; }
`;

/** Jest's global setup: once for each run, before any test, since an installation outlasts the time of a test. */
export default function provideRedis(): void {
  if (find() !== undefined || process.getuid?.() !== 0) return;
  process.stderr.write('> installing redis-server for the tests (some seconds): apt-get install redis-server\n');
  spawnSync('flock', ['/tmp/http-mcp-bridge-install.lock', 'sh', '-c', INSTALL], { stdio: ['ignore', 'ignore', 'inherit'] });
}
