import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { drainingMiddleware } from './draining.middleware.js';
import { Lifecycle } from './lifecycle.js';

describe(drainingMiddleware.name, () => {
  const lifecycle = new Lifecycle();
  const agent = new Agent({ keepAlive: true });
  let server: Server;
  let answer: () => void;
  const asked = () => new Promise<void>((resolve) => (onAsked = resolve));
  let onAsked: () => void = () => undefined;

  beforeAll(async () => {
    const app = express().use(drainingMiddleware(lifecycle));
    app.get('/', (_request, response) => {
      answer = () => response.json({});
      onAsked();
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    agent.destroy();
    server.close();
  });

  const connectionOf = async (during: () => void = () => undefined) => {
    const { port } = server.address() as AddressInfo;
    const arrived = asked();
    const sent = request({ port, host: '127.0.0.1', agent }).end();
    const response = once(sent, 'response') as Promise<[IncomingMessage]>;
    await arrived;
    during();
    answer();
    const [message] = await response;
    return message.resume().headers.connection;
  };

  it('keeps connections until the process leaves, and gives up also those whose call came before', async () => {
    expect(await connectionOf()).toBe('keep-alive');
    expect(await connectionOf(() => lifecycle.drain())).toBe('close');
    expect(await connectionOf()).toBe('close');
  });
});
