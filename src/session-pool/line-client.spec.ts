import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { settled as turnEnds } from '../../test/support/manual-clock.js';
import { systemClock } from '../call/clock.js';
import type { JsonObject } from '../call/json.js';
import type { CallOptions, Exchange, Oddity } from './exchange.js';
import { LineClient } from './line-client.js';

/** The other end of the pipes, held by the test. */
function aClient(capabilities: JsonObject = {}) {
  const stdin = new PassThrough();
  const sent: JsonObject[] = [];
  stdin.on('data', (chunk: Buffer) =>
    sent.push(
      ...chunk
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as JsonObject),
    ),
  );
  const oddities: Oddity[] = [];
  const notifications: string[] = [];
  const client = new LineClient(
    stdin,
    systemClock,
    {
      notification: (method) => notifications.push(method),
      changed: () => undefined,
      revoked: () => undefined,
      oddity: (kind) => oddities.push(kind),
    },
    { maxLineBytes: 1024 * 1024, capabilities },
  );
  return { client, sent, oddities, notifications, hear: (...messages: unknown[]) => client.receive(bytesOf(messages)) };
}

function bytesOf(messages: readonly unknown[]): Buffer {
  return Buffer.from(messages.map((message) => JSON.stringify(message) + '\n').join(''));
}

function call(client: LineClient, params: JsonObject = {}, options: Partial<CallOptions> = {}): Exchange {
  return client.call('tools/call', params, { kind: 'read', deadline: systemClock.now() + 5000, ...options }, new AbortController().signal);
}

const answer = (id: number, nonce: number) => ({ jsonrpc: '2.0', id, result: { nonce } });

describe(LineClient.name, () => {
  it("two clients' equal ids never meet", async () => {
    const a = aClient();
    const b = aClient();
    const replies = [call(a.client).reply, call(b.client).reply];
    a.hear(answer(1, 100));
    b.hear(answer(1, 200));
    expect(await Promise.all(replies)).toEqual([
      { kind: 'result', result: { nonce: 100 } },
      { kind: 'result', result: { nonce: 200 } },
    ]);
  });

  it('gives each call its own answer, whatever the order and however the stream is cut', async () => {
    const order = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 });
    const noise = fc.constantFrom('', 'banner\n', '{"jsonrpc":"2.0","id":99,"result":{}}\n', '[]\n', '"ž\n');
    await fc.assert(
      fc.asyncProperty(order, noise, fc.integer({ min: 1, max: 50 }), async (ids, between, size) => {
        const { client } = aClient();
        const replies = ids.map(() => call(client).reply);
        const bytes = Buffer.from(ids.map((id) => between + JSON.stringify(answer(id, id * 10)) + '\n').join(''));
        for (let at = 0; at < bytes.length; at += size) client.receive(bytes.subarray(at, at + size));
        expect(await Promise.all(replies)).toEqual(ids.map((_, i) => ({ kind: 'result', result: { nonce: (i + 1) * 10 } })));
      }),
      { numRuns: 100 },
    );
  });

  it('survives any line', () => {
    const { client } = aClient();
    fc.assert(fc.property(fc.jsonValue(), (value) => client.receive(bytesOf([value]))));
    fc.assert(
      fc.property(
        fc.record(
          { id: fc.jsonValue(), method: fc.jsonValue(), params: fc.jsonValue(), result: fc.jsonValue(), error: fc.jsonValue() },
          { requiredKeys: [] },
        ),
        (message) => client.receive(bytesOf([message])),
      ),
    );
  });

  it('gives each call a progress token of its own and drops the caller’s', async () => {
    const { client, sent, hear, oddities } = aClient();
    const progress: JsonObject[] = [];
    call(client, { name: 'a', _meta: { progressToken: 'mine', kept: 1 } }, { onProgress: (params) => progress.push(params) });
    call(client, { name: 'b', _meta: { progressToken: 'mine' } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ params }) => params)).toEqual([
      { name: 'a', _meta: { kept: 1, progressToken: 1 } },
      { name: 'b', _meta: {} },
    ]);
    hear({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } });
    hear({ method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } });
    expect(progress).toEqual([{ progressToken: 1, progress: 1 }]);
    expect(oddities).toEqual(['unknown_progress']);
  });

  it('gives log messages to the only call, and to nobody’s when there are two', () => {
    const { client, hear, notifications } = aClient();
    const logs: JsonObject[] = [];
    const message = { method: 'notifications/message', params: { level: 'info', data: 'x' } };
    call(client, {}, { onLog: (params) => logs.push(params) });
    hear(message);
    call(client);
    hear(message);
    expect(logs).toHaveLength(1);
    expect(notifications).toEqual(['notifications/message']);
  });

  it('answers a ping, and refuses what it was not initialised for', async () => {
    const { sent, hear } = aClient();
    hear({ jsonrpc: '2.0', id: 'p', method: 'ping' }, { jsonrpc: '2.0', id: 'r', method: 'roots/list' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toMatchObject([
      { id: 'p', result: {} },
      { id: 'r', error: { code: -32601 } },
    ]);
  });

  it('passes an ask to the only call and its answer back, unless the child withdraws it', async () => {
    const { client, sent, hear } = aClient({ roots: {} });
    const signals: AbortSignal[] = [];
    const onAsk: CallOptions['onAsk'] = (_ask, signal) => {
      signals.push(signal);
      return Promise.resolve({ result: { roots: [] } });
    };
    call(client, {}, { onAsk });
    hear({ jsonrpc: '2.0', id: 7, method: 'roots/list' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.at(-1)).toEqual({ jsonrpc: '2.0', id: 7, result: { roots: [] } });

    hear({ jsonrpc: '2.0', id: 8, method: 'roots/list' }, { method: 'notifications/cancelled', params: { requestId: 8 } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(signals.at(1)?.aborted).toBe(true);
    expect(sent.filter(({ id }) => id === 8)).toEqual([]);
  });

  it('tells apart a late answer, a second one and one to nobody', async () => {
    const { client, hear, oddities } = aClient();
    const { reply } = call(client, {}, { deadline: systemClock.now() + 50 });
    expect(await reply).toEqual({ kind: 'timed_out', sent: true });
    hear(answer(1, 0), answer(1, 0), answer(2, 0));
    expect(oddities).toEqual(['late', 'duplicate', 'unknown_id']);
  });

  it('knows at its end which calls had left', async () => {
    const { client } = aClient();
    const left = call(client);
    await turnEnds();
    const kept = call(client);
    client.lose('stdin', 'EPIPE');
    expect(await left.reply).toEqual({ kind: 'lost', reason: 'stdin', sent: true, detail: 'EPIPE' });
    expect(await kept.reply).toEqual({ kind: 'lost', reason: 'stdin', sent: false, detail: 'EPIPE' });
    expect(await call(client).reply).toEqual({ kind: 'no_session' });
  });
});
