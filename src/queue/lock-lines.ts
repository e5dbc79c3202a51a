import { createHash } from 'node:crypto';
import type { Lock, LockPath } from '../call/call-plan.js';

/** One FIFO line to stand in; equal names are the same line. */
export interface LockLine {
  readonly line: string;
  readonly mode: Lock['mode'];
}

const MAX_LINES = 32;
const MAX_LINE_BYTES = 200;

/**
 * The lines of a request: the last segment of each path in its own mode, every ancestor in S, so that whoever holds an
 * ancestor in X excludes what lies below it. A request with too many lines takes coarser ones, never fewer promises.
 */
export function lockLines(locks: readonly Lock[]): readonly LockLine[] {
  if (locks.length === 0) return [];
  let held = locks;
  let lines = linesOf(held);
  while (lines.length > MAX_LINES) {
    held = raiseDeepest(held);
    lines = linesOf(held);
  }
  return lines;
}

/** What lies under a held X is covered by it. */
function linesOf(locks: readonly Lock[]): LockLine[] {
  const modes = modesOf(locks);
  const lines: LockLine[] = [];
  for (const [path, mode] of modes) {
    if (!liesUnderX(path, modes)) lines.push({ line: shorten(path), mode });
  }
  return lines;
}

/** X wins where a path is wanted in both modes. */
function modesOf(locks: readonly Lock[]): Map<string, Lock['mode']> {
  const modes = new Map<string, Lock['mode']>();
  for (const { path, mode } of locks) {
    let line = '';
    path.forEach((segment, depth) => {
      line = depth === 0 ? escape(segment) : `${line}/${escape(segment)}`;
      if (depth === path.length - 1 && mode === 'X') modes.set(line, 'X');
      else if (!modes.has(line)) modes.set(line, 'S');
    });
  }
  return modes;
}

/** The first segment is an upstream and stays: two upstreams never share a line. */
function raiseDeepest(locks: readonly Lock[]): readonly Lock[] {
  const deepest = Math.max(...locks.map(({ path }) => path.length));
  const raised = new Map<string, Lock>();
  for (const lock of locks) {
    const isRaised = lock.path.length === deepest && deepest > 1;
    const path: LockPath = isRaised ? lock.path.slice(0, -1) : lock.path;
    const key = path.map(escape).join('/');
    // S above would let in whoever wants X on what was named
    if (raised.get(key)?.mode !== 'X') raised.set(key, { path, mode: isRaised ? 'X' : lock.mode });
  }
  if (deepest > 1) return [...raised.values()];
  throw new Error(`A request names ${locks.length} upstreams to lock; it can run on one`);
}

function liesUnderX(path: string, modes: ReadonlyMap<string, Lock['mode']>): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (modes.get(path.slice(0, end)) === 'X') return true;
  }
  return false;
}

const RESERVED = /[%/#]/g;

function escape(segment: string): string {
  return segment.replace(RESERVED, encodeURIComponent);
}

/** `#` is escaped in segments, so a digest never meets a path. */
function shorten(path: string): string {
  if (path.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(path) <= MAX_LINE_BYTES) return path;
  return `#${createHash('sha256').update(path).digest('hex')}`;
}
