import { UpstreamConfig } from '../session-pool/upstream.config.js';
import { Config } from './config.js';
import type { Environment, Variables } from './environment.js';
import { packagePath } from './package-path.js';
import type { ProblemList } from './problem-list.js';

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

/** What that program would end for, again and again, is told before it is started. */
export function checkPassedOn({ name, env }: UpstreamConfig, problems: ProblemList): void {
  const wrong = (variable: string, message: string) => problems.add({ key: `upstreams.${name}.env.${variable}`, message });
  if (env.HASS_URL?.trim() && !isBaseUrl(env.HASS_URL.trim()))
    wrong('HASS_URL', 'expected a base URL such as http://homeassistant.local:8123, without credentials, query or fragment');
  for (const [variable, least] of Object.entries(WHOLE_NUMBERS)) {
    const text = env[variable]?.trim() ?? '';
    if (text !== '' && !(Number.isInteger(Number(text)) && Number(text) >= least))
      wrong(variable, `expected a whole number of at least ${least}`);
  }
}

const WHOLE_NUMBERS = { HASS_TIMEOUT_MS: 1, HASS_MAX_RESULT_BYTES: 1000 };

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}

/** Whether the built-in program would have no house to talk to and may be given the demo one. */
export function wantsDemoHouse(config: Config, variables: Variables = process.env): boolean {
  return variables.HASS_DEMO !== 'off' && config.upstreams.some(isHomeless);
}

/** What the demo house's own program reads of our environment. */
export function demoHouseVariables(variables: Variables = process.env): Record<string, string> {
  const values = ['HASS_DEMO_DELAY_MS', 'HASS_DEMO_TICK_MS'].map((name): [string, string] => [name, variables[name] ?? '']);
  return Object.fromEntries(values.filter(([, value]) => value !== ''));
}

export function checkDemoWish(environment: Environment, problems: ProblemList): void {
  const wish = environment.read('HASS_DEMO', problems) || 'auto';
  if (wish !== 'auto' && wish !== 'off') problems.add({ file: 'environment', key: 'HASS_DEMO', message: 'expected auto or off' });
}

/** The same configuration, in which every built-in program without a house has this one. */
export function withHouse(config: Config, { url, token }: { readonly url: string; readonly token: string }): Config {
  const housed = config.upstreams.map((upstream) => {
    if (!isHomeless(upstream)) return upstream;
    const env = Object.freeze({ ...upstream.env, HASS_URL: url, HASS_TOKEN: token });
    return Object.freeze(Object.assign(new UpstreamConfig(), upstream, { env }));
  });
  return Object.freeze(Object.assign(new Config(), config, { upstreams: Object.freeze(housed) }));
}

function isHomeless(upstream: UpstreamConfig): boolean {
  return isBuiltIn(upstream) && !upstream.env.HASS_URL && !upstream.env.HASS_TOKEN;
}
