import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { aProcess, type BridgeProcess } from '../support/a-process.js';
import { python } from '../support/python.js';

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/home-assistant.md'), 'utf8');
const recipe = (name: string) => new RegExp('```\\w+ ' + name + '\\n([\\s\\S]*?)```').exec(GUIDE)![1]!;
const MINUTES_MS = 120_000;

describe('The guide to Home Assistant', () => {
  let bridge: BridgeProcess;

  beforeAll(async () => (bridge = await aProcess([], { HASS_DEMO_TICK_MS: '0' })), MINUTES_MS);
  afterAll(() => bridge.stop());

  async function post(body: unknown, headers: Record<string, string> = {}): Promise<any> {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
    return (await fetch(`${bridge.url}/mcp/tools/call`, init)).json();
  }

  it('has a body for n8n that is answered as it stands', async () => {
    expect(await post(JSON.parse(recipe('n8n')))).toMatchObject({ isError: false, structuredContent: { service: 'light.turn_on' } });
  });

  it('has a flow for Node-RED whose request is answered as it stands', async () => {
    const nodes: any[] = JSON.parse(recipe('node-red'));
    const { func } = nodes.find(({ type }) => type === 'function');
    const { stdout } = spawnSync(process.execPath, ['-p', `JSON.stringify((function (msg) { ${func} })({ _msgid: 'red' }))`], {
      encoding: 'utf8',
    });
    const { payload, headers } = JSON.parse(stdout);
    expect(await post(payload, headers)).toMatchObject({ isError: false, structuredContent: { service: 'light.toggle' } });
    const ids = nodes.map(({ id }) => id);
    expect(nodes.flatMap(({ wires = [] }) => wires.flat()).every((id) => ids.includes(id))).toBe(true);
  });

  it(
    'has a tool for Open WebUI whose functions work',
    () => {
      const without = "import sys, types; sys.modules['pydantic'] = types.SimpleNamespace(BaseModel=object)"; // Open WebUI has it
      const use = `tools = Tools(); tools.valves.bridge = ${JSON.stringify(bridge.url)}
print(tools.entities("light")); print(tools.control("light", "turn_on", "light.chambre")); print(tools.control("light", "turn_on", ""))`;
      const { status, stdout, stderr } = spawnSync(python(), ['-c', `${without}\n${recipe('open-webui')}\n${use}`], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('Trouvé 5 entités');
      expect(stdout).toContain('Service light.turn_on appelé avec succès.');
    },
    MINUTES_MS,
  );

  it(
    'has a program for LM Studio that carries out what a model asks for',
    async () => {
      const asked: any[] = [];
      const model = createServer((request, response) => {
        void bodyOf(request).then((body) => {
          asked.push(body);
          response
            .setHeader('content-type', 'application/json')
            .end(JSON.stringify({ choices: [{ message: asked.length === 1 ? TOOL_CALL : DONE }] }));
        });
      }).listen(0, '127.0.0.1');
      await once(model, 'listening');
      const { port } = model.address() as AddressInfo;
      const env = { ...process.env, BRIDGE: bridge.url, LM_STUDIO: `http://127.0.0.1:${port}/v1` };
      const program = spawn(python(), ['-c', recipe('lm-studio'), 'Allume la chambre'], { env });
      let said = '';
      program.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      program.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await once(program, 'close');
      model.close();
      expect(said.trim()).toBe('La chambre est allumée.');
      expect(asked[0].tools).toHaveLength(8);
      expect(asked[1].messages.at(-1)).toMatchObject({
        role: 'tool',
        content: expect.stringContaining('Service light.toggle appelé avec succès.'),
      });
    },
    MINUTES_MS,
  );

  it('names only pages that are there', () => {
    for (const [, path] of GUIDE.matchAll(/\]\((?!http)([^)#]+)\)/g))
      expect(() => readFileSync(join(import.meta.dirname, '../../docs', path!))).not.toThrow();
  });
});

const DONE = { role: 'assistant', content: 'La chambre est allumée.' };
const TOOL_CALL = {
  role: 'assistant',
  content: null,
  tool_calls: [
    {
      id: 'call-1',
      type: 'function',
      function: { name: 'call_service', arguments: '{"domain":"light","service":"toggle","entity_id":"light.chambre"}' },
    },
  ],
};

async function bodyOf(request: IncomingMessage): Promise<any> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
