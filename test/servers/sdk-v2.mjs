// A server that speaks 2026-07-28 and, to those who ask for it, the eras before.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

serveStdio(() => {
  const server = new McpServer({ name: 'sdk-v2', version: '1.0.0' }, { instructions: 'Say something.' });
  server.registerTool(
    'echo',
    { description: 'Gives the text back', inputSchema: z.object({ text: z.string() }), annotations: { readOnlyHint: true } },
    ({ text }) => ({ content: [{ type: 'text', text }] }),
  );
  return server;
});
