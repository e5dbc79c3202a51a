import { fileURLToPath } from 'node:url';
import { UpstreamConfig } from '../session-pool/upstream.config.js';
import type { Environment } from './environment.js';
import type { ProblemList } from './problem-list.js';

/** The root of the package, from `src/config` and `dist/config` alike. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The program that serves when no upstream is named: the shipped server for Home Assistant. */
export const BUILT_IN_PROGRAM = packagePath('dist/home-assistant-server/main.js');

/** What that program reads of our environment; everything else stays here. */
const PASSED_ON = ['HASS_URL', 'HASS_TOKEN', 'HASS_TIMEOUT_MS', 'HASS_MAX_RESULT_BYTES', 'NODE_EXTRA_CA_CERTS'];

export function builtInUpstream(): UpstreamConfig {
  return Object.assign(new UpstreamConfig(), {
    name: 'home-assistant',
    command: process.execPath,
    args: [BUILT_IN_PROGRAM],
    policy: packagePath('config/policies/home-assistant.yaml'),
  });
}

export function isBuiltIn(upstream: UpstreamConfig): boolean {
  return upstream.args.includes(BUILT_IN_PROGRAM);
}

/** The variables that the built-in program gets by name; an empty one counts as not set. */
export function passedOn(environment: Environment, problems: ProblemList): Record<string, string> {
  const values = PASSED_ON.map((name): [string, string | undefined] => [name, environment.read(name, problems)]);
  return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));
}
