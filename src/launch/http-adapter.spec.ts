import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express, Request, Response } from 'express';
import { HttpAdapter } from './http-adapter.js';

describe(HttpAdapter.name, () => {
  it('hands Express requests and responses that have its prototypes already', async () => {
    const adapter = new HttpAdapter();
    adapter.initHttpServer();
    const app = adapter.getInstance<Express>();
    const server = adapter.getHttpServer() as Server;
    const born: boolean[] = [];
    server.prependListener('request', (request, response) => {
      born.push(Object.getPrototypeOf(request) === app.request, Object.getPrototypeOf(response) === app.response);
    });
    app.get('/', (request: Request, response: Response) => void response.json({ name: request.query.name, own: request.app === app }));
    await once(server.listen(0, '127.0.0.1'), 'listening');

    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?name=lamp`);

    expect(await answer.json()).toEqual({ name: 'lamp', own: true });
    expect(born).toEqual([true, true]);
    server.close();
    server.closeAllConnections();
  });
});
