import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { CircuitBreakerConfig } from './circuit-breaker.config.js';
import { UpstreamBreaker } from './upstream-breaker.js';

const FAILURE = { as: 'failure', reason: 'timeout' } as const;

function aBreaker(config: Partial<CircuitBreakerConfig> = {}, shared = new MemorySharedState()) {
  const time = { now: 0 };
  const clock = { now: () => time.now, after: () => () => undefined };
  const breaker = new UpstreamBreaker(Object.assign(new CircuitBreakerConfig(), config), shared, clock);
  breaker.onModuleInit();
  return { breaker, time, shared };
}

function fail(breaker: UpstreamBreaker, times = 5): void {
  for (let time = 0; time < times; time += 1) breaker.record('ha', FAILURE);
}

describe(UpstreamBreaker.name, () => {
  it('opens after five failures in a row, and says when to come back', () => {
    const { breaker, time } = aBreaker();
    fail(breaker, 4);
    breaker.record('ha', { as: 'ok' });
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
    expect([breaker.admit('ha'), breaker.admit('ha')]).toEqual([undefined, expect.any(Error)]);
    breaker.record('ha', FAILURE);
    expect(breaker.admit('ha')).toBeDefined();
    time.now = 60_000;
    expect(breaker.admit('ha')).toBeUndefined();
    breaker.record('ha', { as: 'ok' });
    expect([breaker.admit('ha'), breaker.admit('ha')]).toEqual([undefined, undefined]);
  });

  it('probes again when a probe brought no news', () => {
    const { breaker, time } = aBreaker();
    fail(breaker);
    time.now = 30_000;
    breaker.admit('ha');
    breaker.record('ha', undefined);
    expect(breaker.admit('ha')).toBeUndefined();
  });

  it('stays shut after a refusal, whatever comes later', () => {
    const { breaker, time } = aBreaker();
    breaker.record('ha', { as: 'refused', reason: 'bad_token' });
    breaker.record('ha', { as: 'ok' });
    time.now = 1e9;
    expect(breaker.admit('ha')?.data).toEqual({ reason: 'bad_token', refused: true });
  });

  it('tells changes, and tells other replicas of an opening but not of a refusal', async () => {
    const { breaker, shared } = aBreaker();
    const other = aBreaker({}, shared).breaker;
    const changes: unknown[] = [];
    other.onChange((change) => changes.push(change));
    breaker.record('foe', { as: 'refused', reason: 'bad_token' });
    fail(breaker);
    await new Promise(setImmediate);
    expect(changes).toEqual([{ server: 'ha', to: 'open' }]);
    expect(other.refusal('ha')?.data).toEqual({ reason: 'timeout', retry_after_ms: 30_000 });
  });

  it('never opens when it is switched off', () => {
    const { breaker } = aBreaker({ enabled: false });
    fail(breaker, 50);
    breaker.record('ha', { as: 'refused', reason: 'bad_token' });
    expect(breaker.admit('ha')).toBeUndefined();
  });
});
