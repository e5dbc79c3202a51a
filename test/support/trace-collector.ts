import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { eventually } from './eventually.js';

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the process that made it. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

/** What speaks OTLP over HTTP and keeps what it is told. */
export interface TraceCollector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** The spans of the first trace that satisfies. */
  trace(satisfies: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>;
  close(): Promise<void>;
}

const EXPORT_MS = 20_000;
const ERROR_STATUS = 2;

export async function aTraceCollector(): Promise<TraceCollector> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      spans.push(...spansIn(body));
      response.setHeader('Content-Type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    trace: async (satisfies) => {
      const found = () => byTrace(spans).find(satisfies);
      await eventually(() => found() !== undefined, Boolean, EXPORT_MS);
      return found()!;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function spansIn(body: any): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap((scope: any) =>
      scope.spans.map((span: any) => ({
        ...span,
        attributes: valuesOf(span.attributes),
        resource: valuesOf(resource.attributes),
        failed: span.status?.code === ERROR_STATUS,
      })),
    ),
  );
}

function valuesOf(attributes: any[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function byTrace(spans: readonly ReceivedSpan[]): ReceivedSpan[][] {
  return [...new Set(spans.map(({ traceId }) => traceId))].map((id) => spans.filter(({ traceId }) => traceId === id));
}
