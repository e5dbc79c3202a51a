import { anUpstream, call, echoed, RememberedEras, SessionKit, textOf } from '../../test/support/session-kit.js';
import { systemClock } from '../call/clock.js';
import { Handshake } from './handshake.js';

const kit = new SessionKit();

afterAll(() => kit.close());

const unsure = (mode: string, ...details: string[]) => anUpstream('misbehaving', [mode, ...details], { era: 'auto' });

describe(Handshake.name, () => {
  it.each(['exits-on-discover', 'silent-on-discover', 'minus-32000-on-discover', 'none'])(
    'a server that meets discover so ends up in 2025: %s',
    async (mode) => {
      const { session } = await kit.start(unsure(mode));
      expect(session.description).toMatchObject({ era: '2025', protocolVersion: '2025-11-25' });
      expect(await call(session, { text: 'x' }).reply).toEqual(echoed('x'));
    },
  );

  it('the verdict is not asked twice', async () => {
    const verdicts = new RememberedEras();
    await kit.start(unsure('silent-on-discover'), { verdicts });
    const startedAt = systemClock.now();
    await kit.start(unsure('silent-on-discover'), { verdicts });
    expect(systemClock.now() - startedAt).toBeLessThan(1400);
    expect([...verdicts.eras.values()]).toEqual(['2025']);
  });

  it('another environment is another server', async () => {
    const verdicts = new RememberedEras();
    await kit.start(unsure('none'), { verdicts });
    await kit.start(anUpstream('misbehaving', ['none'], { era: 'auto', env: { A: 'b' } }), { verdicts });
    expect(verdicts.eras.size).toBe(2);
  });

  it('speaks 2025 with a v1 SDK server', async () => {
    const { session } = await kit.start(anUpstream('sdk-v1', [], { era: 'auto' }));
    expect(session.description).toMatchObject({ era: '2025', serverInfo: { name: 'sdk-v1' }, capabilities: { logging: {} } });
    expect(textOf(await call(session, { text: 'hello' }).reply)).toBe('hello');
  });

  it('speaks 2026 with a v2 SDK server', async () => {
    const { session, heard } = await kit.start(anUpstream('sdk-v2', [], { era: 'auto' }));
    expect(session.description).toMatchObject({
      era: '2026',
      protocolVersion: '2026-07-28',
      serverInfo: { name: 'sdk-v2' },
      instructions: 'Say something.',
    });
    expect(textOf(await call(session, { text: 'hello' }).reply)).toBe('hello');
    expect(session.inFlight).toBe(0);
    expect(heard.oddities).toEqual([]);
  });

  it('speaks 2025 with a v2 SDK server when told to', async () => {
    const { session } = await kit.start(anUpstream('sdk-v2'));
    expect(session.description.era).toBe('2025');
    expect(textOf(await call(session, { text: 'hello' }).reply)).toBe('hello');
  });

  it('takes the envelope of 2026 from what a child of 2025 gets', async () => {
    const { session } = await kit.start(anUpstream('sdk-v1'));
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'bridge/remaining_ms': 100 };
    const params = { name: 'echo', arguments: { text: 'x' }, _meta };
    const { reply } = session.call(
      'tools/call',
      params,
      { kind: 'read', deadline: systemClock.now() + 5000 },
      new AbortController().signal,
    );
    expect(textOf(await reply)).toBe('x');
  });

  it.each(['unknown-version', 'unknown-versions'])('a version nobody knows is a clear failure: %s', async (mode) => {
    await expect(kit.start(unsure(mode))).rejects.toMatchObject({ reason: 'version', message: expect.stringContaining('2031-01-01') });
  });

  it('a 2026 upstream that does not speak it is a clear failure', async () => {
    await expect(kit.start(anUpstream('echo', [], { era: '2026' }))).rejects.toMatchObject({ reason: 'refused' });
  });

  it('a program that is not there is a clear failure', async () => {
    await expect(kit.start(anUpstream('echo', [], { command: '/no/such/program' }))).rejects.toMatchObject({
      reason: 'spawn',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('a child that dies at start says why with its last words', async () => {
    await expect(kit.start(unsure('crash-at-start'))).rejects.toMatchObject({ reason: 'exit', stderr: ['cannot reach the house'] });
  });

  it('a child that is too slow to shake hands is given up', async () => {
    await expect(kit.start(anUpstream('misbehaving', ['slow-start', '5000'], { startTimeoutSeconds: 0.2 }))).rejects.toMatchObject({
      reason: 'timeout',
    });
  });

  it('a slow child has its whole start time', async () => {
    const { session } = await kit.start(anUpstream('misbehaving', ['slow-start', '300']));
    expect(session.state).toBe('ready');
  });

  it('a start nobody wants any more ends its child', async () => {
    const controller = new AbortController();
    const starting = kit.start(anUpstream('misbehaving', ['slow-start', '5000']), { signal: controller.signal });
    setTimeout(() => controller.abort('draining'), 50);
    await expect(starting).rejects.toMatchObject({ reason: 'aborted' });
  });
});
