import type { LockPath } from '../call/call-plan.js';
import type { KeyRules } from './rules.js';

/** The key of everything. */
export const ROOT = '*';

const MAX_DEPTH = 8;

/** Keys are paths: with `.` as separator `light.salon` lies under `light`, and all lies under the root. */
export class KeyTree {
  constructor(
    private readonly server: string,
    private readonly rules: KeyRules,
  ) {}

  /** One spelling for one id, as the upstream itself reads it. */
  normalize(id: string): string {
    const trimmed = id.trim();
    return this.rules.ignoreCase ? trimmed.toLowerCase() : trimmed;
  }

  split(text: string): string[] {
    const ids = this.rules.lists === '' ? [text] : text.split(this.rules.lists);
    return ids.map((id) => this.normalize(id)).filter((id) => id !== '');
  }

  /** @returns nothing for a key whose domain needs no lock */
  lockPath(key: string): LockPath | undefined {
    const path = this.path(key);
    if (this.rules.granularity === 'entity') return [this.server, ...path];
    const [domain] = path;
    if (domain === undefined) return [this.server];
    return this.rules.readOnly.includes(domain) ? undefined : [this.server, domain];
  }

  /** The key and the branches it hangs on, the nearest first. */
  branches(key: string): string[] {
    return this.path(key).reverse();
  }

  /** What an answer that depends on `key` is stored under. */
  tagsOf(key: string): string[] {
    return [`at ${key}`, `in ${ROOT}`, ...this.path(key).map((above) => `in ${above}`)];
  }

  /** What a change of `key` makes stale: answers on it and below, and those on what stands above it. */
  tagsTouchedBy(key: string): string[] {
    const above = key === ROOT ? [] : [ROOT, ...this.path(key).slice(0, -1)];
    return [`in ${key}`, ...above.map((word) => `at ${word}`)];
  }

  /** `a.b.c` → `a`, `a.b`, `a.b.c`; nothing for the root. */
  private path(key: string): string[] {
    if (key === ROOT) return [];
    const { separator } = this.rules;
    const path: string[] = [];
    for (let at = find(key, separator, 0); at >= 0 && path.length < MAX_DEPTH - 1; at = find(key, separator, at + separator.length)) {
      path.push(key.slice(0, at));
    }
    return [...path, key];
  }
}

function find(key: string, separator: string, from: number): number {
  return separator === '' ? -1 : key.indexOf(separator, from);
}
