import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aProcess, type BridgeProcess } from '../support/a-process.js';
import { python } from '../support/python.js';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const blocks = (language: string) =>
  [...README.matchAll(new RegExp('```' + language + '\\n([\\s\\S]*?)```', 'g'))].map(([, text]) => text!);

describe('The README', () => {
  let bridge: BridgeProcess;
  let sessionId: string;

  const here = (text: string) =>
    text
      .replaceAll('localhost:3003', new URL(bridge.url).host)
      .replaceAll('http://127.0.0.1:3003', bridge.url)
      .replaceAll('<session_id>', sessionId);

  beforeAll(async () => {
    bridge = await aProcess();
    const body = JSON.stringify({ protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } });
    const response = await fetch(`${bridge.url}/mcp/initialize`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    sessionId = ((await response.json()) as any).result.session_id;
  }, 30_000);
  afterAll(() => bridge.stop());

  const commands = blocks('bash').flatMap((block) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line.startsWith('curl')),
  );

  it('has commands to try', () => {
    expect(commands.length).toBeGreaterThan(5);
  });

  it.each(commands)('%s', (command) => {
    const { stdout, status } = spawnSync('bash', ['-c', here(command)], { encoding: 'utf8' });
    expect(status).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer.error).toBeUndefined();
    expect(answer.isError ?? answer.result?.isError ?? false).toBe(false);
  });

  it('has an n8n request that is answered as it stands', async () => {
    const { method, url, headers, body } = JSON.parse(here(blocks('json')[0]!.replaceAll(/\{\{[^}]*\}\}/g, sessionId)));
    const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
    expect(((await response.json()) as any).result.content[0].text).toContain('Trouvé 5 entités');
  });

  it('has a Python program that runs as it stands', () => {
    const { status, stdout, stderr } = spawnSync(python(), ['-c', here(blocks('python')[0]!)], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('light.toggle');
  }, 120_000);

  it('names only pages that are there', () => {
    const pages = [...README.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path!);
    for (const page of pages) expect(() => readFileSync(join(import.meta.dirname, '../..', page))).not.toThrow();
  });
});
