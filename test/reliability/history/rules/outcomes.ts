import type { Facts, Op } from '../facts.js';
import type { Violation } from '../violation.js';

/** What a caller was told of a write is what the child knows of it. */
export function outcomes({ ops }: Facts): Violation[] {
  return [...ops.values()].filter(isWrite).flatMap((op): Violation[] => {
    if (op.okNs !== undefined && !op.runs.some(({ hasEnded }) => hasEnded)) {
      return [{ rule: 'acked-not-done', ops: [op.id], what: 'answered ok, and no child has ended it' }];
    }
    if (isProvedUnstarted(op) && op.runs.length > 0) {
      return [{ rule: 'failed-but-ran', ops: [op.id], what: 'answered not_started, and a child has started it' }];
    }
    return [];
  });
}

function isWrite({ attempts }: Op): boolean {
  return attempts[0]?.asked.kind === 'write';
}

/** A `not_started` tells of its own attempt: only when each one said so is the op proved not to have run. */
function isProvedUnstarted({ attempts }: Op): boolean {
  return attempts.every(({ answers }) => answers.length > 0 && answers.every(({ is }) => is === 'not_started'));
}
