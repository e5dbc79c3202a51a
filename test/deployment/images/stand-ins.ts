import { build } from './docker.js';

const PACKAGE = (name: string) =>
  `FROM node:24-trixie-slim\nRUN apt-get update && apt-get install -y --no-install-recommends ${name} && rm -rf /var/lib/apt/lists/*\n`;

/** Debian's builds of what the stacks take from registries, by the variable that names the image. */
const STAND_INS = {
  REDIS_IMAGE: ['local/valkey', `${PACKAGE('valkey-server valkey-tools')}RUN mkdir /data && chown 999:999 /data\nCMD ["valkey-server"]\n`],
  HAPROXY_IMAGE: [
    'local/haproxy',
    `${PACKAGE('haproxy')}USER 99\nENTRYPOINT ["haproxy", "-W", "-db"]\nCMD ["-f", "/usr/local/etc/haproxy/haproxy.cfg"]\n`,
  ],
  NGINX_IMAGE: ['local/nginx', `${PACKAGE('nginx-light')}USER 101\nCMD ["nginx", "-e", "/dev/stderr", "-g", "daemon off;"]\n`],
  PROMETHEUS_IMAGE: [
    'local/prometheus',
    `${PACKAGE('prometheus')}RUN mkdir /prometheus && chown 65534:65534 /prometheus\nUSER 65534\nENTRYPOINT ["prometheus"]\n`,
  ],
} as const;

/** Builds them all; answers the variables for compose. */
export function standIns(): Record<string, string> {
  return Object.fromEntries(Object.keys(STAND_INS).map((variable) => [variable, standIn(variable as keyof typeof STAND_INS)]));
}

/** Builds one; answers its tag. */
export function standIn(variable: keyof typeof STAND_INS): string {
  const [tag, dockerfile] = STAND_INS[variable];
  build(tag, dockerfile);
  return tag;
}
