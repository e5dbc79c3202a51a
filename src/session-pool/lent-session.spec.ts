import { ManualClock, settled } from '../../test/support/manual-clock.js';
import type { Exchange } from './exchange.js';
import type { Loan } from './lender.js';
import { LentSession } from './lent-session.js';
import type { ChildSession } from './pooled-session.js';
import type { Reply } from './reply.js';

const done: Reply = { kind: 'result', result: { content: [] } };
const timedOut: Reply = { kind: 'timed_out', sent: true };
const signal = new AbortController().signal;

/** A write whose two moments the test decides. */
function aWrite() {
  let reply: (reply: Reply) => void = () => undefined;
  let settle: (lastWord: Reply) => void = () => undefined;
  const session = {
    heardAt: 0,
    call: (): Exchange => ({
      reply: new Promise((resolve) => (reply = resolve)),
      settled: new Promise((resolve) => (settle = resolve)),
    }),
  } as unknown as ChildSession;
  const witness = { replied: jest.fn(), listed: jest.fn() };
  const loan = { member: { session } } as unknown as Loan;
  const call = new LentSession(loan, new ManualClock(), witness).call('tools/call', {}, { kind: 'write', deadline: 1000 }, signal);
  return { call, witness, reply, settle };
}

describe(LentSession.name, () => {
  it('is not given back at the deadline of a write, but when the child owes nothing any more', async () => {
    const write = aWrite();
    const ended = jest.fn();
    void write.call.then(ended);

    write.reply(timedOut);
    await settled();
    expect(ended).not.toHaveBeenCalled();
    write.settle(timedOut);
    await settled();

    expect(ended).toHaveBeenCalledWith(timedOut);
  });

  it('knows what the child said to a write after its deadline', async () => {
    const write = aWrite();
    write.reply(timedOut);
    await settled();

    write.settle(done);

    expect(await write.call).toBe(done);
    expect(write.witness.replied).toHaveBeenCalledWith(expect.anything(), done, false);
  });
});
