import { Agent, request } from 'node:http';

export interface Tally {
  readonly calls: number;
  readonly failed: readonly string[];
}

export interface Work {
  /** Parameters of `tools/call`, given the number of the call. */
  next(call: number): unknown;
  /** Whether this body answers that very call. */
  isAnswered?(body: string, call: number): boolean;
}

/** Clients that call one after the other until told to stop; nothing that fails is tried again. */
export class Load {
  private isOver = false;
  private calls = 0;
  private readonly failed: string[] = [];
  private readonly clients: readonly Promise<void>[];

  /** @param keepAlive each client keeps its connection; else every call has a new one */
  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly work: Work,
    private readonly keepAlive = true,
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
    const agent = new Agent({ keepAlive: this.keepAlive, maxSockets: 1 });
    while (!this.isOver) {
      const call = this.calls;
      this.calls += 1;
      const failure = await this.send(agent, call).catch((error: unknown) => String(error));
      if (failure) this.failed.push(`client ${client}: ${failure}`);
    }
    agent.destroy();
  }

  /** @returns what is wrong with the answer, if anything */
  private send(agent: Agent, call: number): Promise<string | undefined> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: this.work.next(call) });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-api-key': this.key };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}/mcp/tools/call`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          const isRight = response.statusCode === 200 && (this.work.isAnswered?.(text, call) ?? true);
          resolve(isRight ? undefined : `${response.statusCode} ${text.slice(0, 300)}`);
        });
        response.on('error', reject);
      });
      sent.on('error', reject).end(body);
    });
  }
}
