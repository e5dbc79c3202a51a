import type { Facts, Op } from '../facts.js';
import type { Violation } from '../violation.js';

/** A write starts once, because somebody asked for it, and not before. */
export function starts({ ops }: Facts): Violation[] {
  return [...ops.values()].flatMap((op) => [...startedTwice(op), ...startedUnasked(op)]);
}

function startedTwice({ id, runs }: Op): Violation[] {
  const writes = runs.filter(({ kind }) => kind === 'write');
  if (writes.length < 2) return [];
  return [
    {
      rule: 'dup-write',
      ops: [id],
      what: `started ${writes.length} times, by ${writes.map(({ replica, pid }) => `${replica}/${pid}`).join(' and ')}`,
    },
  ];
}

function startedUnasked({ id, runs, attempts }: Op): Violation[] {
  const [first] = runs;
  const [attempt] = attempts;
  if (!first) return [];
  if (!attempt) return [{ rule: 'phantom', ops: [id], what: 'started, and nobody had asked for it' }];
  return first.startNs < attempt.asked.ns ? [{ rule: 'before-invoke', ops: [id], what: 'started before it was asked for' }] : [];
}
