import { BridgeError } from '../call/bridge-error.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import type { Admission } from './circuit.js';
import { CircuitBreakerConfig } from './circuit-breaker.config.js';
import { UpstreamBreaker } from './upstream-breaker.js';
import type { Sign } from './verdict.js';

const FAILURE = { as: 'failure', reason: 'timeout' } as const;

function aBreaker(config: Partial<CircuitBreakerConfig> = {}, shared = new MemorySharedState()) {
  const time = { now: 0 };
  const clock = { now: () => time.now, after: () => () => undefined };
  const breaker = new UpstreamBreaker(Object.assign(new CircuitBreakerConfig(), config), shared, clock);
  breaker.onModuleInit();
  return { breaker, time, shared };
}

function fail(breaker: UpstreamBreaker, times = 5): void {
  for (let time = 0; time < times; time += 1) finish(breaker, FAILURE);
}

/** One call, let through and back with its news. */
function finish(breaker: UpstreamBreaker, sign: Sign, server = 'ha'): void {
  breaker.record(server, admitted(breaker, server), sign);
}

function admitted(breaker: UpstreamBreaker, server = 'ha'): Admission {
  const admission = breaker.admit(server);
  if (admission instanceof BridgeError) throw admission;
  return admission;
}

const REFUSED = expect.any(BridgeError) as unknown;
const ADMITTED = { admitted: true };

describe(UpstreamBreaker.name, () => {
  it('opens after five failures in a row, and says when to come back', () => {
    const { breaker, time } = aBreaker();
    fail(breaker, 4);
    finish(breaker, { as: 'ok' });
    fail(breaker, 4);
    expect(breaker.refusal('ha')).toBeUndefined();
    fail(breaker, 1);
    time.now = 10_000;
    expect(breaker.refusal('ha')).toMatchObject({ reason: 'upstream_unavailable', data: { reason: 'timeout', retry_after_ms: 20_000 } });
    expect(breaker.refusal('other')).toBeUndefined();
  });

  it('lets exactly one probe through, which closes it or opens it anew', () => {
    const { breaker, time } = aBreaker();
    fail(breaker);
    time.now = 30_000;
    const probe = admitted(breaker);
    expect(breaker.admit('ha')).toEqual(REFUSED);
    breaker.record('ha', probe, FAILURE);
    expect(breaker.admit('ha')).toEqual(REFUSED);
    time.now = 60_000;
    finish(breaker, { as: 'ok' });
    expect([breaker.admit('ha'), breaker.admit('ha')]).toEqual([ADMITTED, ADMITTED]);
  });

  it.each<[string, Sign]>([
    ['a success', { as: 'ok' }],
    ['a failure', FAILURE],
    ['no news', undefined],
  ])('leaves the word to the probe when %s of a call comes in that began before the circuit opened', (_what, sign) => {
    const { breaker, time } = aBreaker();
    const early = admitted(breaker);
    fail(breaker);
    time.now = 30_000;
    const probe = admitted(breaker);
    breaker.record('ha', early, sign);
    expect([breaker.state('ha'), breaker.admit('ha')]).toEqual(['half_open', REFUSED]);
    breaker.record('ha', probe, { as: 'ok' });
    expect(breaker.state('ha')).toBe('closed');
  });

  it('hears no more of a probe that another has replaced', () => {
    const { breaker, time } = aBreaker();
    fail(breaker);
    time.now = 30_000;
    const lost = admitted(breaker);
    time.now = 400_000;
    const probe = admitted(breaker);
    breaker.record('ha', lost, { as: 'ok' });
    expect(breaker.state('ha')).toBe('half_open');
    breaker.record('ha', probe, { as: 'ok' });
    expect(breaker.state('ha')).toBe('closed');
  });

  it('probes again when a probe brought no news', () => {
    const { breaker, time } = aBreaker();
    fail(breaker);
    time.now = 30_000;
    finish(breaker, undefined);
    expect(breaker.admit('ha')).toEqual(ADMITTED);
  });

  it('stays shut after a refusal, whatever comes later', () => {
    const { breaker, time } = aBreaker();
    const early = admitted(breaker);
    finish(breaker, { as: 'refused', reason: 'bad_token', suggestion: 'a new token' });
    breaker.record('ha', early, { as: 'ok' });
    time.now = 1e9;
    expect(breaker.admit('ha')).toMatchObject({ data: { reason: 'bad_token', suggestion: 'a new token', refused: true } });
  });

  it('tells changes, and tells other replicas of an opening but not of a refusal', async () => {
    const { breaker, shared } = aBreaker();
    const other = aBreaker({}, shared).breaker;
    const changes: unknown[] = [];
    other.onChange((change) => changes.push(change));
    finish(breaker, { as: 'refused', reason: 'bad_token' }, 'foe');
    fail(breaker);
    await new Promise(setImmediate);
    expect(changes).toEqual([{ server: 'ha', to: 'open' }]);
    expect(other.refusal('ha')?.data).toEqual({ reason: 'timeout', retry_after_ms: 30_000 });
  });

  it('is told by others again and again in a long outage, and knows nothing of it when their time is over', async () => {
    const { breaker, time, shared } = aBreaker();
    const { breaker: other, time: others } = aBreaker({}, shared);
    const seen = () => [other.state('ha'), other.refusal('ha') !== undefined];
    const at = (now: number) => {
      time.now = now;
      others.now = now;
    };
    fail(breaker);
    for (const now of [0, 31_000, 62_000]) {
      at(now);
      if (now > 0) finish(breaker, FAILURE);
      await new Promise(setImmediate);
      expect(seen()).toEqual(['open', true]);
      at(now + 30_000);
      expect(seen()).toEqual(['closed', false]);
    }
    expect(breaker.state('ha')).toBe('open');
  });

  it('lets one probe through when what it was told is over, and keeps waiting for it whatever it is told', async () => {
    const { breaker, time, shared } = aBreaker();
    const { breaker: other, time: others } = aBreaker({}, shared);
    fail(breaker);
    await new Promise(setImmediate);
    time.now = others.now = 30_000;
    const probe = admitted(other);
    finish(breaker, FAILURE);
    await new Promise(setImmediate);
    expect([other.state('ha'), other.admit('ha')]).toEqual(['half_open', REFUSED]);
    other.record('ha', probe, { as: 'ok' });
    expect(other.state('ha')).toBe('closed');
  });

  it('never opens when it is switched off', () => {
    const { breaker } = aBreaker({ enabled: false });
    fail(breaker, 50);
    finish(breaker, { as: 'refused', reason: 'bad_token' });
    expect(breaker.admit('ha')).toEqual(ADMITTED);
  });
});
