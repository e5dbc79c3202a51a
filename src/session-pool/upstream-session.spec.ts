import { settled as turnEnds } from '../../test/support/manual-clock.js';
import { anUpstream, call, echoed, isRunning, SessionKit, textOf, until } from '../../test/support/session-kit.js';
import { systemClock } from '../call/clock.js';
import { UpstreamSession } from './upstream-session.js';

const kit = new SessionKit();

afterAll(() => kit.close());

const misbehaving = (mode: string, ...details: string[]) => anUpstream('misbehaving', [mode, ...details]);

describe(UpstreamSession.name, () => {
  it('carries a call to the child and its answer back', async () => {
    const { session } = await kit.start(anUpstream('echo'));

    expect(await call(session, { text: 'hello' }).reply).toEqual(echoed('hello'));
    expect(session).toMatchObject({ state: 'ready', inFlight: 0, description: { era: '2025', serverInfo: { name: 'echo' } } });
  });

  it('gives each of many calls its own answer', async () => {
    const { session } = await kit.start(anUpstream('echo'));
    const texts = Array.from({ length: 200 }, (_, i) => `call ${i}`);

    const replies = await Promise.all(texts.map((text) => call(session, { text }).reply));

    expect(replies).toEqual(texts.map(echoed));
  });

  describe('odd lines', () => {
    it('a banner on stdout changes nothing', async () => {
      const { session, heard } = await kit.start(misbehaving('banner'));
      expect(await call(session, { text: 'x' }).reply).toEqual(echoed('x'));
      expect(heard.oddities).toEqual(['garbage', 'garbage']);
      expect(heard.logs.map(({ fields }) => JSON.stringify(fields)).join('')).not.toContain('\u001b');
    });

    it('garbage between answers changes nothing', async () => {
      const { session } = await kit.start(misbehaving('garbage'));
      expect(await call(session, { text: 'x' }).reply).toEqual(echoed('x'));
    });

    it('a character cut by a chunk arrives whole', async () => {
      const { session } = await kit.start(misbehaving('split-utf8'));
      expect(await call(session).reply).toEqual(echoed('žluťoučký 🐎'));
    });

    it('an array is taken element by element', async () => {
      const { session, heard } = await kit.start(misbehaving('batch'));
      expect(await call(session).reply).toEqual(echoed('in a batch'));
      expect(heard.notifications).toEqual([{ method: 'notifications/one', params: {} }]);
    });

    it('an id that comes back as text is accepted and counted', async () => {
      const { session, heard } = await kit.start(misbehaving('string-id'));
      expect(await call(session).reply).toEqual(echoed('text id'));
      expect(heard.oddities).toEqual(['text_id']);
    });

    it('a second answer is counted and meets nobody', async () => {
      const { session, heard } = await kit.start(misbehaving('twice'));
      expect(await call(session, { text: 'a' }).reply).toEqual(echoed('a'));
      expect(await call(session, { text: 'b' }).reply).toEqual(echoed('b'));
      await until(() => heard.oddities.filter((kind) => kind === 'duplicate').length === 2);
    });

    it.each(['wrong-id', 'null-id'])('an answer under a %s is counted, its call ends at its deadline', async (mode) => {
      const { session, heard } = await kit.start(misbehaving(mode));
      expect(await call(session, {}, { budgetMs: 100 }).reply).toEqual({ kind: 'timed_out', sent: true });
      expect(heard.oddities).toEqual(['unknown_id']);
    });

    it.each(['neither-result-nor-error', 'both-result-and-error', 'code-is-text', 'result-is-text', 'nested-too-deep'])(
      'an answer of the wrong shape ends its call within 100 ms: %s',
      async (mode) => {
        const { session } = await kit.start(misbehaving(mode));
        const startedAt = systemClock.now();
        expect(await call(session).reply).toMatchObject({ kind: 'lost', reason: 'bad_reply', sent: true });
        expect(systemClock.now() - startedAt).toBeLessThan(100);
        expect(session.state).toBe('ready');
      },
    );

    it.each(['huge-line', 'huge-line-id-last', 'huge-line-no-id'])('a line over the cap ends the call it answers: %s', async (mode) => {
      const { session, heard } = await kit.start(misbehaving(mode, '12'));
      expect(await call(session).reply).toMatchObject({ kind: 'lost', reason: 'reply_too_large' });
      expect(heard.oddities).toEqual(['oversize']);
      expect(session).toMatchObject({ state: 'ready', inFlight: 0 });
    });

    it('a line over the cap ends no other call', async () => {
      const { session } = await kit.start(anUpstream('echo', [], { maxLineMb: 0.01 }));
      const slow = call(session, { ms: 300 }, { tool: 'slow' });
      expect(await call(session, { bytes: 100_000 }, { tool: 'big' }).reply).toMatchObject({ reason: 'reply_too_large' });
      expect(await slow.reply).toMatchObject({ kind: 'result' });
    });

    it('a flood of notifications delays an answer and loses none', async () => {
      const { session, heard } = await kit.start(misbehaving('notification-flood', '20000'));
      expect(await call(session, { text: 'x' }).reply).toEqual(echoed('x'));
      expect(heard.notifications).toHaveLength(20_000);
    });

    it('a full stderr pipe does not stop the child', async () => {
      const { session, heard } = await kit.start(misbehaving('stderr-flood', '64'));
      expect(await call(session, { text: 'x' }).reply).toEqual(echoed('x'));
      expect(heard.logs.length).toBeLessThan(100);
    });
  });

  describe('deadline and cancel', () => {
    it('ends a read at its deadline and keeps the session', async () => {
      const { session, heard } = await kit.start(misbehaving('late', '150'));
      const { reply, settled } = call(session, {}, { budgetMs: 50 });
      expect(await reply).toEqual({ kind: 'timed_out', sent: true });
      await settled;
      expect(session).toMatchObject({ state: 'ready', inFlight: 0 });
      await until(() => heard.oddities.includes('late'));
    });

    it('tells a caller who cancels, and the child', async () => {
      const { session } = await kit.start(anUpstream('echo'));
      const controller = new AbortController();
      const { reply } = call(session, { ms: 5000 }, { tool: 'slow', signal: controller.signal });
      await turnEnds();
      controller.abort('cancelled');
      expect(await reply).toEqual({ kind: 'cancelled', sent: true });
    });

    it('a late answer to a cancelled write reaches its record, and the session serves again', async () => {
      const { session, heard } = await kit.start(misbehaving('late', '200'));
      const controller = new AbortController();
      const { reply, settled } = call(session, { text: 'done' }, { kind: 'write', signal: controller.signal });
      await turnEnds();
      controller.abort('cancelled');

      expect(await reply).toEqual({ kind: 'cancelled', sent: true });
      expect(session).toMatchObject({ state: 'retiring', writesInFlight: 1 });
      expect(await settled).toEqual(echoed('done'));
      expect(session.state).toBe('ready');
      expect(heard.states).toEqual(['ready', 'retiring', 'ready']);
    });

    it('a write that stays unanswered is settled only when its child is dead', async () => {
      const { session } = await kit.start(misbehaving('silence'));
      const { reply, settled } = call(session, {}, { kind: 'write', budgetMs: 50, holdMs: 50 });
      expect(await reply).toEqual({ kind: 'timed_out', sent: true });
      expect(isRunning(session.pid)).toBe(true);
      await settled;
      expect(isRunning(session.pid)).toBe(false);
    });

    it('a write that hangs makes no other write unknown', async () => {
      const { session } = await kit.start(anUpstream('echo'));
      const hanging = call(session, { ms: 60_000 }, { tool: 'slow', kind: 'write', budgetMs: 50, holdMs: 20 });
      const other = call(session, { ms: 500 }, { tool: 'slow', kind: 'write' });
      expect(await hanging.reply).toEqual({ kind: 'timed_out', sent: true });
      expect(await other.reply).toMatchObject({ kind: 'result' });
      await hanging.settled;
      expect(session.state).not.toBe('ready');
    });

    it.each([
      ['while its caller waits', 'lease_lost', 'cancelled'],
      ['long after its caller was answered', 'deadline', 'timed_out'],
    ])('a write that is revoked %s has its child killed at once', async (_when, reason, kind) => {
      const { session, heard } = await kit.start(misbehaving('silence'));
      const [told, revoked] = [new AbortController(), new AbortController()];
      const { reply, settled } = call(session, {}, { kind: 'write', signal: told.signal, revoked: revoked.signal, holdMs: 60_000 });
      await turnEnds();
      told.abort(reason);
      expect(await reply).toEqual({ kind, sent: true });
      expect(isRunning(session.pid)).toBe(true);
      revoked.abort();
      await settled;
      await until(() => heard.exits.length === 1);
      expect(heard.exits).toMatchObject([{ signal: 'SIGKILL', wanted: true }]);
    });

    it('a read that is revoked leaves its child alone', async () => {
      const { session } = await kit.start(anUpstream('echo'));
      const revoked = new AbortController();
      const { reply } = call(session, { ms: 300 }, { tool: 'slow', revoked: revoked.signal });
      await turnEnds();
      revoked.abort();
      await reply;
      expect(session.state).toBe('ready');
    });

    it('sends nothing when its fence says no', async () => {
      const { session } = await kit.start(anUpstream('echo'));
      expect(await call(session, {}, { fence: () => false }).reply).toEqual({ kind: 'cancelled', sent: false });
      expect(session.inFlight).toBe(0);
    });

    it('sends nothing after the deadline or for a caller who left', async () => {
      const { session } = await kit.start(anUpstream('echo'));
      expect(await call(session, {}, { budgetMs: -1 }).reply).toEqual({ kind: 'timed_out', sent: false });
      expect(await call(session, {}, { signal: AbortSignal.abort('cancelled') }).reply).toEqual({ kind: 'cancelled', sent: false });
    });

    it('progress keeps a quiet limit from ending a call, silence does not', async () => {
      const { session } = await kit.start(anUpstream('echo'));
      const progress: unknown[] = [];
      const options = { tool: 'slow', quietMs: 400, onProgress: (params: object) => progress.push(params) };
      expect(await call(session, { ms: 800 }, options).reply).toMatchObject({ kind: 'result' });
      expect(progress).toHaveLength(4);
      expect(await call(session, { ms: 4000 }, options).reply).toEqual({ kind: 'timed_out', sent: true });
    });

    it('a write still in our queue at the deadline is not_started, one handed over is unknown', async () => {
      const { session } = await kit.start(misbehaving('never-reads'));
      const text = 'x'.repeat(60_000);
      const exchanges = Array.from({ length: 20 }, () => call(session, { text }, { kind: 'write', budgetMs: 300, holdMs: 10 }));
      const replies = await Promise.all(exchanges.map(({ reply }) => reply));
      expect(replies.at(0)).toEqual({ kind: 'timed_out', sent: true });
      expect(replies.at(-1)).toEqual({ kind: 'timed_out', sent: false });
      await Promise.all(exchanges.map(({ settled }) => settled));
    });

    it('a call that would be longer than any line is refused by its size, and the next one goes', async () => {
      const { session } = await kit.start(anUpstream('echo'));
      const refused = await call(session, { text: 'x'.repeat(4 * 1024 * 1024) }).reply;
      expect(refused).toMatchObject({ kind: 'refused', reason: 'line_too_long', bytes: expect.any(Number), limit: 4_194_304 });
      expect(await call(session).reply).toMatchObject({ kind: 'result' });
    });

    it('a child that does not read is blocked, then refuses, and memory stays bounded', async () => {
      const { session } = await kit.start(misbehaving('never-reads'));
      const text = 'x'.repeat(900_000);
      const calls = Array.from({ length: 10 }, () => call(session, { text }, { budgetMs: 300 }).reply);
      expect(session.blocked).toBe(true);
      expect(await calls.at(-1)).toMatchObject({ kind: 'refused', reason: 'stdin_full' });
      await Promise.all(calls);
      expect(session.blocked).toBe(false);
    });
  });

  describe('death', () => {
    it('ends the calls in flight with the exit, and refuses new ones', async () => {
      const { session, heard } = await kit.start(anUpstream('echo'));
      const waiting = call(session, { ms: 5000 }, { tool: 'slow' });
      const deadly = call(session, {}, { tool: 'crash' });
      expect(await waiting.reply).toMatchObject({ kind: 'lost', reason: 'exit', sent: true, detail: 'exit, code 3' });
      expect(await deadly.reply).toMatchObject({ kind: 'lost', reason: 'exit', sent: true });
      expect(await call(session).reply).toEqual({ kind: 'no_session' });
      await until(() => session.state === 'gone');
      expect(heard.exits).toMatchObject([{ reason: 'exit', code: 3, wanted: false }]);
    });

    it('calls a SIGKILL that is not ours out of memory', async () => {
      const { session, heard } = await kit.start(anUpstream('echo'));
      process.kill(session.pid, 'SIGKILL');
      await until(() => session.state === 'gone');
      expect(heard.exits).toMatchObject([{ reason: 'oom', signal: 'SIGKILL', wanted: false }]);
    });

    it.each(['answers-then-exits', 'answers-without-newline-then-exits'])(
      'an answer written just before exit is delivered: %s',
      async (mode) => {
        const { session } = await kit.start(misbehaving(mode));
        expect(await call(session).reply).toEqual(echoed('last words'));
      },
    );

    it('half a line is no answer', async () => {
      const { session } = await kit.start(misbehaving('half-a-line'));
      expect(await call(session).reply).toMatchObject({ kind: 'lost', reason: 'exit', sent: true });
    });

    it('a call on a child that we end is not put down to the child, though its stdout goes before it', async () => {
      const { session } = await kit.start(misbehaving('closes-stdout-at-eof'));
      const { reply } = call(session);
      await turnEnds();
      void session.end();
      expect(await reply).toMatchObject({ kind: 'lost', reason: 'killed', sent: true });
      await session.end('now');
    });

    it('a child that closes stdout and lives is ended', async () => {
      const { session, heard } = await kit.start(misbehaving('closes-stdout'));
      expect(await call(session).reply).toMatchObject({ kind: 'lost', sent: true });
      await until(() => session.state === 'gone');
      expect(heard.exits).toMatchObject([{ wanted: false }]);
    });

    it('a write on a child that went mute is told at once, and settled only when the child is dead', async () => {
      const { session } = await kit.start(misbehaving('closes-stdout'));
      const { reply, settled } = call(session, {}, { kind: 'write' });
      expect(await reply).toEqual({ kind: 'lost', reason: 'exit', sent: true, detail: 'stdout was closed' });
      await settled;
      expect(isRunning(session.pid)).toBe(false);
    });

    it('takes grandchildren along when the leader exits', async () => {
      const { session } = await kit.start(misbehaving('grandchild'));
      const grandchild = Number(textOf(await call(session).reply));
      expect(isRunning(grandchild)).toBe(true);
      process.kill(session.pid, 'SIGKILL');
      await until(() => session.state === 'gone' && !isRunning(grandchild));
    });
  });

  describe('end', () => {
    it('lets a polite child leave by itself', async () => {
      const { session, heard } = await kit.start(anUpstream('echo'));
      await session.end();
      expect(heard.exits).toMatchObject([{ code: 0, signal: null, wanted: true }]);
      expect(session.state).toBe('gone');
    });

    it('ends a child that ignores EOF and TERM', async () => {
      const { session, heard } = await kit.start(misbehaving('ignores-term'));
      await session.end();
      expect(heard.exits).toMatchObject([{ signal: 'SIGKILL', wanted: true }]);
      expect(isRunning(session.pid)).toBe(false);
    });
  });

  describe('what a child gets', () => {
    it('no variable of ours but the listed ones, and those its server names', async () => {
      process.env.BRIDGE_CANARY = 'canary-of-ours';
      const { session } = await kit.start(anUpstream('misbehaving', ['prints-environment'], { env: { OWN: 'yes' } }));
      const reply = JSON.stringify(await call(session).reply);
      delete process.env.BRIDGE_CANARY;
      expect(reply).toContain('OWN');
      expect(reply).not.toContain('canary-of-ours');
    });

    it('arguments that a shell would act on, as they are', async () => {
      const hostile = ['; touch x', '$(id)', '--flag', '`id`'];
      const { session } = await kit.start(anUpstream('misbehaving', ['prints-environment', ...hostile]));
      const reply = JSON.stringify(await call(session).reply);
      for (const argument of hostile) expect(reply).toContain(argument);
    });
  });

  describe('asks', () => {
    const elicitation = { elicitation: {} };

    it('pass to the only call of a session that was initialised for them', async () => {
      const { session } = await kit.start(misbehaving('asks-back'), { capabilities: elicitation });
      const onAsk = jest.fn(() => Promise.resolve({ result: { action: 'decline' } }));
      session.call(
        'tools/call',
        { name: 'echo' },
        { kind: 'read', deadline: systemClock.now() + 300, onAsk },
        new AbortController().signal,
      );
      await until(() => onAsk.mock.calls.length === 1);
    });

    it('are refused on a plain session', async () => {
      const { session } = await kit.start(misbehaving('asks-back'));
      const onAsk = jest.fn(() => Promise.resolve({ result: {} }));
      await call(session, {}, { budgetMs: 200, onAsk }).reply;
      expect(onAsk).not.toHaveBeenCalled();
    });
  });
});
