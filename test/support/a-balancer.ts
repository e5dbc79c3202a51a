import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

export type BalancerName = 'haproxy' | 'nginx';

/** The balancer we ship, with the file we ship: its ports and addresses alone are ours. */
export interface Balancer {
  readonly url: string;
  /** What it wrote down of each request, in order of their ends. */
  served(): readonly Served[];
  close(): Promise<void>;
}

export interface Served {
  /** What its caller called it, by `ATTEMPT`. */
  readonly name: string;
  /** Where the replica listens; absent when none took the request. */
  readonly port?: number;
  readonly status: number;
  /** Until the balancer had a replica for it; it asks another one a second after the first was gone. */
  readonly heldMs: number;
}

/** The header by which callers name each request, for the balancer's log. */
export const ATTEMPT = 'X-Attempt';

interface Kind {
  readonly package: string;
  readonly file: string;
  /** The shipped file over these replicas. */
  configure(shipped: string, port: number, replicas: readonly number[], folder: string): string;
  command(file: string): readonly [string, ...string[]];
  readonly line: RegExp;
}

const SHIPPED = join(import.meta.dirname, '../../docker');
const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

const KINDS: Readonly<Record<BalancerName, Kind>> = {
  haproxy: {
    package: 'haproxy',
    file: 'haproxy/haproxy.cfg',
    configure: (shipped, port, replicas) =>
      replaced(shipped, [
        [/req\.hdr\(X-Request-ID\)/, `req.hdr(${ATTEMPT})`],
        [/^ {2}bind .*$/m, `  bind 127.0.0.1:${port}`],
        [/^ {2}server-template .*$/m, replicas.map((replica) => `  server r${replica} 127.0.0.1:${replica}`).join('\n')],
      ]),
    command: (file) => ['haproxy', '-db', '-f', file],
    line: /^\S+ \S+ \S+\/(?:r(?<port>\d+)|<NOSRV>) -?\d+\/(?<held>-?\d+)\/\S+ (?<status>-?\d+) .* id="(?<name>[^"]+)"$/,
  },
  nginx: {
    package: 'nginx-light',
    file: 'nginx/nginx.conf',
    configure: (shipped, port, replicas, folder) =>
      replaced(shipped.replaceAll('/tmp/', `${folder}/`), [
        [/\$http_x_request_id/, '$http_x_attempt'],
        [/^ {4}listen .*$/m, `    listen 127.0.0.1:${port};`],
        [/^ {4}server mcp-bridge:3003(.*)$/m, replicas.map((replica) => `    server 127.0.0.1:${replica}$1`).join('\n')],
      ]),
    command: (file) => ['nginx', '-g', 'daemon off;', '-c', file],
    line: /^\S+ \S+ (?:\S+, )*(?:127\.0\.0\.1:(?<port>\d+)|-|bridge) \S+ (?<status>\d+) .* id="(?<name>[^"]+)"$/,
  },
};

/**
 * @param replicas where they listen on this machine
 * @param folder for its files; they stay there
 */
export async function aBalancer(name: BalancerName, replicas: readonly number[], folder: string): Promise<Balancer> {
  const kind = KINDS[name];
  provide(name, kind.package);
  const port = await freePort();
  const file = join(folder, `${name}.conf`);
  writeFileSync(file, kind.configure(readFileSync(join(SHIPPED, kind.file), 'utf8'), port, replicas, folder));
  const log = join(folder, `${name}.log`);
  const output = openSync(log, 'a');
  const [command, ...args] = kind.command(file);
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...process.env, PATH } });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await eventually(
    () => {
      if (child.exitCode !== null) throw new Error(`${name} ended:\n${readFileSync(log, 'utf8')}`);
      return answers(url);
    },
    Boolean,
    10_000,
  );
  return {
    url,
    served: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .flatMap((line) => servedOf(line, kind.line)),
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** @throws in one line when it is neither here nor can be installed */
function provide(name: string, packageName: string): void {
  if (isHere(name)) return;
  if (process.getuid?.() === 0) {
    process.stderr.write(`> installing ${packageName} for the tests (some seconds): apt-get install ${packageName}\n`);
    spawnSync('flock', ['/tmp/http-mcp-bridge-install.lock', 'sh', '-c', install(packageName)], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  if (!isHere(name)) throw new Error(`These tests need ${name} on PATH: install it, or run them as root where apt is`);
}

/** The package must not start a balancer of its own beside ours. */
const install = (packageName: string) => `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then printf '#!/bin/sh\\nexit 101\\n' > "$policy"; chmod +x "$policy"; trap 'rm -f "$policy"' EXIT; fi
export DEBIAN_FRONTEND=noninteractive
install='apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${packageName}'
$install || { apt-get update; $install; }
`;

function isHere(name: string): boolean {
  return PATH.split(':').some((folder) => existsSync(join(folder, name)));
}

function replaced(text: string, replacements: readonly (readonly [RegExp, string])[]): string {
  return replacements.reduce((result, [pattern, by]) => {
    if (!pattern.test(result)) throw new Error(`the shipped file has no line like ${pattern.source}`);
    return result.replace(pattern, by);
  }, text);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

function servedOf(line: string, pattern: RegExp): Served[] {
  const { name, port, status, held = '0' } = pattern.exec(line)?.groups ?? {};
  if (name === undefined) return [];
  return [{ name, status: Number(status), heldMs: Math.max(0, Number(held)), ...(port !== undefined && { port: Number(port) }) }];
}
