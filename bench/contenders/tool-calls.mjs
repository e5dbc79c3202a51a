import { LineClient } from './line-client.mjs';

/** What the two bare servers share: an envelope in, an envelope out, and a Map for the tool whose answers are kept. */
export class ToolCalls {
  #client;
  #kept = new Map();

  static async over(childFile) {
    const client = new LineClient(process.execPath, [childFile]);
    await client.initialize();
    return new ToolCalls(client);
  }

  constructor(client) {
    this.#client = client;
  }

  async answer({ id, method, params }) {
    const result = params.name === 'recall' ? await this.#recall(method, params) : await this.#client.request(method, params);
    return { jsonrpc: '2.0', id, result };
  }

  async #recall(method, params) {
    const key = JSON.stringify(params.arguments);
    if (!this.#kept.has(key)) this.#kept.set(key, await this.#client.request(method, params));
    return this.#kept.get(key);
  }
}
