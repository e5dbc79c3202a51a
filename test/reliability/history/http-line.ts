import { Agent, type IncomingMessage, request } from 'node:http';
import { now } from './now.js';
import type { Nanoseconds } from './history.js';

/** What came back: an answer, a broken connection, or nothing in time. */
export type HttpReply = { readonly ns: Nanoseconds } & (
  | { readonly is: 'answer'; readonly status: number; readonly text: string }
  | { readonly is: 'broken'; readonly why: string }
  | { readonly is: 'silence' }
);

/** One connection that is kept, as a caller's own. */
export class HttpLine {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** Never rejects. @param patienceMs after which it hangs up */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, patienceMs: number): Promise<HttpReply> {
    return new Promise((resolve) => {
      const settle = (reply: { is: 'answer'; status: number; text: string } | { is: 'broken'; why: string } | { is: 'silence' }) => {
        clearTimeout(timer);
        resolve({ ...reply, ns: now() });
      };
      const asking = request(url, {
        method: 'POST',
        agent: this.agent,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      });
      const timer = setTimeout(() => {
        settle({ is: 'silence' });
        asking.destroy();
      }, patienceMs);
      asking.on('error', (error) => settle({ is: 'broken', why: error.message }));
      asking.on('response', (response) => {
        textOf(response).then(
          (text) => settle({ is: 'answer', status: response.statusCode ?? 0, text }),
          (error: unknown) => settle({ is: 'broken', why: String(error) }),
        );
      });
      asking.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
