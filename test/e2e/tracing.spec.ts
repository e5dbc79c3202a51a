import { aProcess } from '../support/a-process.js';
import { upstream } from '../support/a-bridge.js';

/** Prints, at the end of the process, which packages of OpenTelemetry it had loaded beside the API that prom-client brings. */
const REPORT = `
import { createRequire } from 'node:module';
process.on('exit', () => {
  const names = Object.keys(createRequire('/').cache).map((path) => /@opentelemetry.([a-z-]+)/.exec(path)?.[1]);
  console.log('loaded ' + JSON.stringify([...new Set(names)].filter((name) => name && name !== 'api').sort()));
});`;

jest.setTimeout(60_000);

describe('A started bridge', () => {
  it('loads nothing of opentelemetry unless calls are traced', async () => {
    expect(await loadedBy({})).toEqual([]);
    const traced = await loadedBy({ tracing: { enabled: true, endpoint: 'http://127.0.0.1:9/v1/traces' } });
    expect(traced).toEqual(expect.arrayContaining(['exporter-trace-otlp-http', 'sdk-trace']));
  });
});

async function loadedBy(settings: object): Promise<readonly string[]> {
  const config = JSON.stringify({ upstreams: { echo: upstream('echo') }, ...settings });
  const bridge = await aProcess(['--config', config], { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(REPORT)}` });
  const answer = await fetch(`${bridge.url}/mcp/tools/call`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'echo', arguments: { text: 'x' } }),
  });
  expect(answer.status).toBe(200);
  expect(await bridge.stop()).toBe(0);
  return JSON.parse(/^loaded (.*)$/m.exec(bridge.output())?.[1] ?? 'null');
}
