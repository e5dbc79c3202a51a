import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';

/**
 * Express gives each request and response another prototype, after which V8 no longer knows them for what they are: on Node 20
 * that is most of what Express costs. Here they are born with it, so that there is nothing left to change.
 */
export class HttpAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    const app = this.getInstance<Express>();
    class BornRequest extends IncomingMessage {}
    class BornResponse extends ServerResponse {}
    app.request = descend(BornRequest.prototype, app.request);
    app.response = descend(BornResponse.prototype, app.response);
    this.httpServer = createServer({ IncomingMessage: BornRequest, ServerResponse: BornResponse }, app);
  }
}

/** Express's own are descendants of Node's, and stay in between. */
function descend<T extends object>(prototype: object, ancestor: T): T {
  return Object.setPrototypeOf(prototype, ancestor) as T;
}
