import type { Facts } from '../facts.js';
import type { Violation } from '../violation.js';

/** Who sends a nonce gets his own back. */
export function crossTalk({ ops }: Facts): Violation[] {
  return [...ops.values()].flatMap(({ id, attempts }) => {
    const foreign = attempts.flatMap(({ asked, answers }) =>
      answers.flatMap((answer) => (answer.is === 'ok' && answer.nonce !== asked.nonce ? [answer.nonce ?? 'none'] : [])),
    );
    return foreign.map((nonce): Violation => ({ rule: 'cross-talk', ops: [id], what: `answered with the nonce ${nonce}` }));
  });
}
