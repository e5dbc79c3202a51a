import { type Clock, systemClock } from '../call/clock.js';
import type { Problem } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import { ProblemList } from '../config/problem-list.js';
import { keyIn } from '../config/settings.js';
import type { UpstreamConfig } from '../session-pool/upstream.config.js';
import { readPolicy } from './policy-file.js';
import { PolicyReader } from './policy-reader.js';
import { readRules } from './read-rules.js';
import { UpstreamPolicy } from './upstream-policy.js';

interface CompiledPolicies {
  readonly policies: ReadonlyMap<string, UpstreamPolicy>;
  /** Everything wrong with the rules; the policies serve only when it is empty. */
  readonly problems: readonly Problem[];
}

/** The rules of every upstream, by its name. */
export function compilePolicies(config: Config, clock: Clock = systemClock): CompiledPolicies {
  const problems = new ProblemList();
  const policies = new Map(config.upstreams.map((upstream) => [upstream.name, compileOne(upstream, config, clock, problems)]));
  return { policies, problems: problems.all.map(named) };
}

function compileOne(upstream: UpstreamConfig, config: Config, clock: Clock, problems: ProblemList): UpstreamPolicy {
  const settings = readPolicy(upstream, config, problems);
  const reader = new PolicyReader(settings, problems, settings.root, '');
  const rules = readRules(reader, { server: upstream.name, queue: config.queue, cache: config.cache });
  return new UpstreamPolicy(upstream, rules, config.queue, clock);
}

/** A rule of a file has a line. One that stands in the configuration has none here, and is found again by its whole key. */
function named({ file, line, key, message }: Problem): Problem {
  if (file === undefined || line !== undefined) return { key, message, ...(file !== undefined && { file, line }) };
  return { key: keyIn(file, key), message };
}
