import { Agent, request } from 'node:http';

export interface Tally {
  readonly calls: number;
  readonly failed: readonly string[];
}

/** Clients that read and switch, one call after the other on a connection each, until told to stop. */
export class Load {
  private isOver = false;
  private calls = 0;
  private readonly failed: string[] = [];
  private readonly clients: readonly Promise<void>[];

  constructor(
    private readonly url: string,
    private readonly key: string,
    clients = 10,
  ) {
    this.clients = Array.from({ length: clients }, (_, client) => this.run(client));
  }

  async stop(): Promise<Tally> {
    this.isOver = true;
    await Promise.all(this.clients);
    return { calls: this.calls, failed: this.failed };
  }

  private async run(client: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.isOver) {
      const isWrite = this.calls % 3 === 0;
      const name = isWrite ? 'call_service' : 'get_entity_state';
      const lamp = 'light.salon_lamp';
      const args = isWrite ? { domain: 'light', service: 'toggle', entity_id: lamp } : { entity_id: lamp };
      this.calls += 1;
      const answer = await this.send(agent, { name, arguments: args }).catch((error: unknown) => String(error));
      if (answer !== '200') this.failed.push(`client ${client}: ${answer}`);
    }
    agent.destroy();
  }

  private send(agent: Agent, params: unknown): Promise<string> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-api-key': this.key };
    return new Promise((resolve, reject) => {
      const call = request(`${this.url}/mcp/tools/call`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(response.statusCode === 200 ? '200' : `${response.statusCode} ${text.slice(0, 300)}`));
        response.on('error', reject);
      });
      call.on('error', reject).end(body);
    });
  }
}
