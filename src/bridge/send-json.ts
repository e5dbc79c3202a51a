import type { Response } from 'express';

/** One text, one write: what `response.json` asks beside that (content type, freshness, settings) is settled for every answer. */
export function sendJson(response: Response, body: object): void {
  const text = JSON.stringify(body);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}
