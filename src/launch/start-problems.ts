import { doorProblems } from '../access/open-door.js';
import type { Problem } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import { compilePolicies } from '../policy/compile-policies.js';

/** What would refuse a start beyond the keys themselves: a door that may not stand open, rules that nobody can follow. */
export function startProblems(config: Config): readonly Problem[] {
  return [...doorProblems(config), ...compilePolicies(config).problems];
}
