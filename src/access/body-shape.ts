import { BridgeError } from '../call/bridge-error.js';
import type { LimitsConfig } from './limits.config.js';

/**
 * Refuses what would hurt whoever walks, copies or merges the value. Level by level and without recursion: a few
 * kilobytes can nest deeper than any stack.
 * @throws BridgeError `too_large`, or `invalid_request` for a key that reaches a prototype
 */
export function checkShape(body: unknown, limits: Pick<LimitsConfig, 'depth' | 'elements'>): void {
  let level: object[] = isNode(body) ? [body] : [];
  let elements = 0;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limits.depth) throw tooLarge('depth', limits.depth);
    const below: object[] = [];
    for (const node of level) {
      elements += Array.isArray(node) ? checkItems(node, below) : checkFields(node, below);
      if (elements > limits.elements) throw tooLarge('elements', limits.elements);
    }
    level = below;
  }
}

function checkItems(items: readonly unknown[], below: object[]): number {
  for (const item of items) if (isNode(item)) below.push(item);
  return items.length;
}

function checkFields(fields: object, below: object[]): number {
  const keys = Object.keys(fields);
  for (const key of keys) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw forbiddenKey(key);
    const value: unknown = (fields as Readonly<Record<string, unknown>>)[key];
    if (isNode(value)) below.push(value);
  }
  return keys.length;
}

function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function tooLarge(of: 'depth' | 'elements', limit: number): BridgeError {
  const what = of === 'depth' ? `is nested deeper than ${limit}` : `has more than ${limit} elements`;
  return new BridgeError('too_large', `The body ${what}`, { limit, of, outcome: 'not_started' });
}

function forbiddenKey(key: string): BridgeError {
  return new BridgeError('invalid_request', `The key ${key} is not allowed anywhere in a body`, { field: key, outcome: 'not_started' });
}
