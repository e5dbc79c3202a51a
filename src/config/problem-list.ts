import { ConfigError, type Problem } from './config-error.js';
import type { Settings } from './settings.js';

/** Collects what is wrong, so that an operator hears everything at once. */
export class ProblemList {
  private readonly problems: Problem[] = [];

  add(problem: Problem): void {
    this.problems.push(problem);
  }

  /** Adds a problem of `key` with the place where it, or what is around it, was written. */
  at(settings: Settings, key: string, message: string): void {
    const place = settings.locate(key);
    this.add({ key, message, ...(place && { file: place.file }), ...(place?.line !== undefined && { line: place.line }) });
  }

  get all(): readonly Problem[] {
    return this.problems;
  }

  /** @throws ConfigError when there is anything */
  throwIfAny(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}
