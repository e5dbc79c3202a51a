import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.js';
import { codeOf } from '../config/environment.js';
import type { ProblemList } from '../config/problem-list.js';
import { isMapping, keyIn, type Place, type Setting, Settings } from '../config/settings.js';
import { readYaml } from '../config/yaml-source.js';
import type { UpstreamConfig } from '../session-pool/upstream.config.js';

/** What is said about one upstream: its own policy, overlaid field by field by the operator's. */
export function readPolicy(upstream: UpstreamConfig, config: Config, problems: ProblemList): Settings {
  const { name, policy } = upstream;
  const own =
    typeof policy === 'string' ? fromFile(policy, `upstreams.${name}.policy`, problems) : written(policy, `upstreams.${name}.policy`);
  return own.overlaidBy(written(config.policy[name], `policy.${name}`));
}

function fromFile(file: string, key: string, problems: ProblemList): Settings {
  try {
    return readYaml({ text: readFileSync(file, 'utf8'), file, directory: '' }, problems);
  } catch (cause) {
    problems.add({ key, message: `${file} cannot be read (${codeOf(cause)})` });
    return new Settings({});
  }
}

/** What stands in the configuration itself is found again by its key there. */
function written(policy: object | undefined, place: string): Settings {
  if (!isMapping(policy)) return new Settings({});
  const places = new Map<string, Place>();
  const note = (value: Setting, key: string): void => {
    if (key) places.set(key, { file: place, directory: '' });
    if (isMapping(value)) for (const [word, inner] of Object.entries(value)) note(inner, keyIn(key, word));
  };
  note(policy, '');
  return new Settings(policy, places);
}
