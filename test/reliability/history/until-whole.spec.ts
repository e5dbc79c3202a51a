import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { untilWhole } from './until-whole.js';

describe('Waiting until a replica is whole', () => {
  let server: Server;
  let statuses: number[];
  let asked: number;
  let url: string;

  beforeEach(async () => {
    asked = 0;
    server = createServer((_request, response) => {
      response.statusCode = statuses[asked] ?? statuses.at(-1) ?? 503;
      asked += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());

  it('ends when it has said three times in a row that it is ready', async () => {
    statuses = [200, 503, 200, 200, 200];
    await untilWhole(url);
    expect(asked).toBe(5);
  });

  it('fails for one that does not become ready in time', async () => {
    statuses = [503];
    await expect(untilWhole(url, 300)).rejects.toThrow(`${url} was not ready again within 0.3 s`);
  });
});
