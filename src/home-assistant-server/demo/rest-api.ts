import { constants, type IncomingHttpHeaders } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from '../fields.js';
import { isoOf } from '../house-time.js';
import { houseConfig } from './house-config.js';
import type { DemoHouse } from './demo-house.js';
import { ServiceError } from './service.js';
import { newContext, type State } from './state.js';

const {
  HTTP_STATUS_OK: OK,
  HTTP_STATUS_BAD_REQUEST: BAD_REQUEST,
  HTTP_STATUS_UNAUTHORIZED: UNAUTHORIZED,
  HTTP_STATUS_NOT_FOUND: NOT_FOUND,
} = constants;
const { HTTP_STATUS_INTERNAL_SERVER_ERROR: SERVER_ERROR, HTTP_STATUS_METHOD_NOT_ALLOWED: METHOD_NOT_ALLOWED } = constants;
const DAY_S = 24 * 3600;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The part of Home Assistant's REST API that people and this project use. */
export class RestApi {
  constructor(
    private readonly demo: DemoHouse,
    private readonly token: string,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = this.knows(request.headers) ? await this.route(request) : { status: UNAUTHORIZED, body: '401: Unauthorized' };
    response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  private knows({ authorization }: IncomingHttpHeaders): boolean {
    return authorization === `Bearer ${this.token}`;
  }

  private async route(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://house');
    const [, api, room, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (api !== 'api' || room === undefined) return notFound();
    switch (room) {
      case '':
        return { status: OK, body: { message: 'API running.' } };
      case 'config':
        return rest.length === 0 ? { status: OK, body: houseConfig() } : this.automation(rest, request);
      case 'states':
        return this.states(rest[0]);
      case 'services':
        return this.services(rest, request);
      case 'history':
        return this.history(rest, url.searchParams);
      default:
        return notFound();
    }
  }

  private states(id: string | undefined): Answer {
    if (id === undefined) return { status: OK, body: this.demo.house.all().map(shown) };
    const state = this.demo.house.get(id.toLowerCase());
    return state === undefined ? { status: NOT_FOUND, body: { message: 'Entity not found.' } } : { status: OK, body: shown(state) };
  }

  private async services([domain, name]: string[], request: IncomingMessage): Promise<Answer> {
    if (domain === undefined || name === undefined) {
      const list = Object.entries(this.demo.services.describe()).map(([known, services]) => ({ domain: known, services }));
      return { status: OK, body: list };
    }
    if (request.method !== 'POST') return { status: METHOD_NOT_ALLOWED, body: '405: Method Not Allowed' };
    const data = await read(request);
    if (data === undefined) return { status: BAD_REQUEST, body: { message: 'Data should be valid JSON.' } };
    const context = newContext('demo');
    const changed = new Set<string>();
    const end = this.demo.house.onChange(({ entityId, after }) => after?.context.id === context.id && changed.add(entityId));
    try {
      await this.demo.services.call(domain, name, data, undefined, context);
      return {
        status: OK,
        body: this.demo.house
          .all()
          .filter(({ entityId }) => changed.has(entityId))
          .map(shown),
      };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const failed = error.code === 'home_assistant_error';
      return failed ? { status: SERVER_ERROR, body: '500 Internal Server Error' } : { status: BAD_REQUEST, body: '400: Bad Request' };
    } finally {
      end();
    }
  }

  private history([period, from]: string[], query: URLSearchParams): Answer {
    if (period !== 'period') return notFound();
    const ids = query.get('filter_entity_id')?.toLowerCase().split(',');
    if (ids === undefined) return { status: BAD_REQUEST, body: { message: 'filter_entity_id is missing' } };
    const start = from === undefined ? this.demo.house.clock.now() / 1000 - DAY_S : Date.parse(from) / 1000;
    const endTime = query.get('end_time');
    const end = endTime === null ? start + DAY_S : Date.parse(endTime) / 1000;
    if (Number.isNaN(start) || Number.isNaN(end)) return { status: BAD_REQUEST, body: { message: 'Invalid datetime' } };
    const minimal = query.has('minimal_response');
    const rows = ids.map((id) => this.demo.house.history.between(id, start, end)).filter((found) => found.length > 0);
    const row = (state: State, index: number) =>
      minimal && index > 0 ? { state: state.state, last_changed: isoOf(state.lastChanged) } : shown(state);
    return { status: OK, body: rows.map((states) => states.map(row)) };
  }

  private async automation([kind, config, id]: string[], request: IncomingMessage): Promise<Answer> {
    if (kind !== 'automation' || config !== 'config' || id === undefined) return notFound();
    try {
      switch (request.method) {
        case 'POST':
          this.demo.automations.write(id, await read(request));
          return { status: OK, body: { result: 'ok' } };
        case 'DELETE':
          if (!this.demo.automations.delete(id)) return { status: BAD_REQUEST, body: { message: 'Resource not found' } };
          return { status: OK, body: { result: 'ok' } };
        default: {
          const found = this.demo.automations.read(id);
          return found === undefined ? { status: NOT_FOUND, body: { message: 'Resource not found' } } : { status: OK, body: found };
        }
      }
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return { status: BAD_REQUEST, body: { message: error.message } };
    }
  }
}

export function shown({ entityId, state, attributes, lastChanged, lastUpdated, context }: State): object {
  return { entity_id: entityId, state, attributes, last_changed: isoOf(lastChanged), last_updated: isoOf(lastUpdated), context };
}

function notFound(): Answer {
  return { status: NOT_FOUND, body: '404: Not Found' };
}

/** Undefined: not JSON. */
async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : parseJson(text);
}
