import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { aBridge, type RunningBridge } from '../support/a-bridge.js';

const require = createRequire(import.meta.url);

/** The program of a server package, as its command would start it. */
function server(name: string, ...args: string[]): { command: string; args: string[] } {
  const manifest = require.resolve(`@modelcontextprotocol/${name}/package.json`);
  const { bin } = require(manifest) as { bin: string | Record<string, string> };
  const program = typeof bin === 'string' ? bin : Object.values(bin)[0]!;
  return { command: process.execPath, args: [join(dirname(manifest), program), ...args] };
}

const folder = mkdtempSync(join(tmpdir(), 'files-'));
writeFileSync(join(folder, 'hello.txt'), 'good morning');
writeFileSync(join(folder, 'bell.wav'), Buffer.from('UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=', 'base64'));

const SERVERS = {
  everything: server('server-everything', 'stdio'),
  filesystem: server('server-filesystem', folder),
  memory: { ...server('server-memory'), env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') } },
  'sequential-thinking': server('server-sequential-thinking'),
};

describe('Servers that others wrote', () => {
  let bridge: RunningBridge;

  beforeAll(async () => {
    const one = { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0 };
    const upstreams = Object.fromEntries(Object.entries(SERVERS).map(([name, command]) => [name, { ...command, ...one }]));
    bridge = await aBridge({ upstreams });
  }, 30_000);
  afterAll(async () => {
    await bridge.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = async (name: keyof typeof SERVERS, tool: string, args: object = {}) =>
    (
      await bridge.post(`/mcp/servers/${name}/tools/call`, {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: tool, arguments: args },
      })
    ).body.result;

  it.each(Object.entries(SERVERS))('%s: every tool is listed, its schema to the byte as the child said it', async (name, command) => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StdioClientTransport({ ...command, stderr: 'ignore' }));
    const direct = await client.request({ method: 'tools/list' }, ResultSchema);
    await client.close();

    const { status, body } = await bridge.post(`/mcp/servers/${name}/tools/list`, {});
    expect(status).toBe(200);
    expect(body.tools.length).toBeGreaterThan(0);
    expect(JSON.stringify(body.tools)).toBe(JSON.stringify(direct.tools));
  });

  it('filesystem: text of a real file, and its own words for a path outside', async () => {
    expect((await call('filesystem', 'read_text_file', { path: join(folder, 'hello.txt') })).content[0].text).toBe('good morning');
    const outside = await call('filesystem', 'read_text_file', { path: '/etc/passwd' });
    expect(outside.isError).toBe(true);
  });

  it('filesystem: audio', async () => {
    const { content } = await call('filesystem', 'read_media_file', { path: join(folder, 'bell.wav') });
    expect(content[0]).toMatchObject({ type: 'audio', mimeType: 'audio/wav', data: expect.stringMatching(/^UklGR/) });
  });

  it('memory: what one call stores the next one reads', async () => {
    const entity = { name: 'Ada', entityType: 'person', observations: ['likes lamps'] };
    await call('memory', 'create_entities', { entities: [entity] });
    expect(JSON.stringify(await call('memory', 'read_graph'))).toContain('likes lamps');
  });

  it('sequential-thinking: a structured answer', async () => {
    const thought = { thought: 'a', thoughtNumber: 1, totalThoughts: 2, nextThoughtNeeded: true };
    expect((await call('sequential-thinking', 'sequentialthinking', thought)).structuredContent).toMatchObject({ thoughtNumber: 1 });
  });

  it('everything: text, image, embedded resource, resource link and structured content arrive as they are', async () => {
    expect((await call('everything', 'echo', { message: 'Grüße' })).content[0]).toMatchObject({
      type: 'text',
      text: expect.stringContaining('Grüße'),
    });
    const image = await call('everything', 'get-tiny-image');
    expect(image.content.find(({ type }: { type: string }) => type === 'image')).toMatchObject({
      mimeType: 'image/png',
      data: expect.stringMatching(/^[A-Za-z0-9+/=]+$/),
    });
    const embedded = await call('everything', 'get-resource-reference', { resourceType: 'Text', resourceId: 1 });
    expect(embedded.content.some(({ type }: { type: string }) => type === 'resource')).toBe(true);
    const links = await call('everything', 'get-resource-links', { count: 2 });
    expect(links.content.filter(({ type }: { type: string }) => type === 'resource_link')).toHaveLength(2);
    expect((await call('everything', 'get-structured-content', { location: 'New York' })).structuredContent).toMatchObject({
      temperature: expect.any(Number),
    });
  });

  it('everything: a call that reports progress ends in its result', async () => {
    const result = await call('everything', 'trigger-long-running-operation', { duration: 1, steps: 3 });
    expect(result.content[0].text).toContain('completed');
  });

  it('everything: an argument of the wrong type is its own error, told as such', async () => {
    const { status, body } = await bridge.post('/mcp/servers/everything/tools/call', { name: 'get-sum', arguments: { a: 'x', b: 1 } });
    if (status === 200) expect(body.isError).toBe(true);
    else expect([status, body.error.code]).toEqual([400, -32602]);
  });

  it('everything: resources, templates, prompts and completion take the same path', async () => {
    const post = async (path: string, body: object) => (await bridge.post(`/mcp/servers/everything/${path}`, body)).body;
    const { resources } = await post('resources/list', {});
    expect(resources.length).toBeGreaterThan(0);
    expect((await post('resources/read', { uri: resources[0].uri })).contents[0].uri).toBe(resources[0].uri);
    expect((await post('resources/templates/list', {})).resourceTemplates.length).toBeGreaterThan(0);
    const { prompts } = await post('prompts/list', {});
    const simple = prompts.find((prompt: any) => !prompt.arguments?.some((argument: any) => argument.required));
    expect((await post('prompts/get', { name: simple.name })).messages.length).toBeGreaterThan(0);
    const withArguments = prompts.find((prompt: any) => prompt.arguments?.length);
    const completion = {
      ref: { type: 'ref/prompt', name: withArguments.name },
      argument: { name: withArguments.arguments[0].name, value: 'a' },
    };
    expect((await post('completion/complete', completion)).completion.values).toEqual(expect.any(Array));
  });
});
