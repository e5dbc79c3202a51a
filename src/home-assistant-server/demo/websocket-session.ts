import type { WebSocket } from 'ws';
import { type Fields, fieldsOf, isFields, parseJson, textOf, textsOf } from '../fields.js';
import { diffOf, wholeOf } from './compressed-state.js';
import type { DemoHouse } from './demo-house.js';
import { AREAS, DEVICES } from './entities.js';
import { DEMO_VERSION, houseConfig } from './house-config.js';
import { shown } from './rest-api.js';
import { ServiceError } from './service.js';
import { type Change, newContext } from './state.js';

const AUTH_WITHIN_MS = 10_000;
const NORMAL_CLOSE = 1000;
const USER = { id: 'demo', name: 'Démonstration', is_owner: true, is_admin: true };

/** One client of the WebSocket API: first its token, then commands, all at once, each with an id of its own. */
export class WebSocketSession {
  private lastId = 0;
  private authenticated = false;
  private readonly subscriptions = new Map<number, () => void>();
  private readonly takeBackTimeout: () => void;
  private readonly commands = new Map<string, (id: number, message: Fields) => void>([
    ['ping', (id) => this.send({ id, type: 'pong' })],
    ['supported_features', (id) => this.answer(id, null)],
    ['get_config', (id) => this.answer(id, houseConfig())],
    ['get_states', (id) => this.answer(id, this.demo.house.all().map(shown))],
    ['get_services', (id) => this.answer(id, this.demo.services.describe())],
    ['auth/current_user', (id) => this.answer(id, USER)],
    ['call_service', (id, message) => void this.callService(id, message)],
    ['subscribe_entities', (id, { entity_ids: ids }) => this.subscribeEntities(id, ids === undefined ? undefined : textsOf(ids))],
    ['subscribe_events', (id, { event_type: type }) => this.subscribeEvents(id, textOf(type))],
    ['unsubscribe_events', (id, { subscription }) => this.unsubscribe(id, Number(subscription))],
    ['config/area_registry/list', (id) => this.answer(id, AREAS)],
    ['config/device_registry/list', (id) => this.answer(id, DEVICES)],
    ['config/floor_registry/list', (id) => this.answer(id, [])],
    ['config/label_registry/list', (id) => this.answer(id, [])],
    ['config/entity_registry/list_for_display', (id) => this.answer(id, this.entityList())],
  ]);

  constructor(
    private readonly socket: WebSocket,
    private readonly demo: DemoHouse,
    private readonly token: string,
  ) {
    this.takeBackTimeout = demo.house.clock.after(AUTH_WITHIN_MS, () => socket.close());
    socket.on('message', (data: Buffer) => this.receive(data.toString()));
    socket.on('close', () => this.end());
    socket.on('error', () => socket.terminate());
    this.send({ type: 'auth_required', ha_version: DEMO_VERSION });
  }

  private receive(text: string): void {
    const message = parseJson(text);
    if (message === undefined) {
      this.socket.close(NORMAL_CLOSE);
      return;
    }
    for (const one of Array.isArray(message) ? (message as unknown[]) : [message]) {
      if (this.authenticated) this.command(fieldsOf(one));
      else this.authenticate(fieldsOf(one));
    }
  }

  private authenticate({ type, access_token: token }: Fields): void {
    this.takeBackTimeout();
    this.authenticated = type === 'auth' && token === this.token;
    if (this.authenticated) {
      this.send({ type: 'auth_ok', ha_version: DEMO_VERSION });
      return;
    }
    this.send({ type: 'auth_invalid', message: 'Invalid access token or password' });
    this.socket.close(NORMAL_CLOSE);
  }

  private command(message: Fields): void {
    const id = Number(message.id);
    if (!Number.isInteger(id) || textOf(message.type) === undefined) {
      this.refuse(0, 'invalid_format', 'Message incorrectly formatted.');
    } else if (id <= this.lastId) {
      this.refuse(id, 'id_reuse', 'Identifier values have to increase.');
    } else {
      this.lastId = id;
      const command = this.commands.get(String(message.type));
      if (command === undefined) this.refuse(id, 'unknown_command', 'Unknown command.');
      else command(id, message);
    }
  }

  private async callService(id: number, message: Fields): Promise<void> {
    const [domain, service] = [textOf(message.domain)?.trim().toLowerCase(), textOf(message.service)?.trim().toLowerCase()];
    const target = message.target ?? undefined;
    if (domain === undefined || service === undefined || (target !== undefined && !isFields(target))) {
      this.refuse(id, 'invalid_format', 'expected str for dictionary value');
      return;
    }
    if (message.return_response === true) {
      this.refuse(
        id,
        'service_validation_error',
        "Validation error: An action which does not return responses can't be called with return_response=True",
      );
      return;
    }
    const context = newContext(USER.id);
    try {
      await this.demo.services.call(domain, service, message.service_data, target, context);
      this.answer(id, { context, response: null });
    } catch (error) {
      if (error instanceof ServiceError) this.refuse(id, error.code, error.message);
      else this.refuse(id, 'unknown_error', String(error));
    }
  }

  private subscribeEntities(id: number, only: readonly string[] | undefined): void {
    const { house } = this.demo;
    const wanted = (entityId: string) => only === undefined || only.includes(entityId);
    this.answer(id, null);
    const present = house.all().filter(({ entityId }) => wanted(entityId));
    this.send({ id, type: 'event', event: { a: Object.fromEntries(present.map((state) => [state.entityId, wholeOf(state)])) } });
    this.subscriptions.set(
      id,
      house.onChange((change) => {
        if (wanted(change.entityId)) this.send({ id, type: 'event', event: diffOf(change) });
      }),
    );
  }

  private subscribeEvents(id: number, wanted: string | undefined): void {
    const { house } = this.demo;
    const tell = (type: string, data: Fields, context = newContext(null)) => {
      if (wanted !== undefined && wanted !== type) return;
      this.send({ id, type: 'event', event: { event_type: type, data, origin: 'LOCAL', context } });
    };
    const ends = [
      house.onEvent((type, data) => tell(type, data)),
      house.onChange((change) => tell('state_changed', stateChanged(change), change.after?.context)),
    ];
    this.subscriptions.set(id, () => ends.forEach((end) => end()));
    this.answer(id, null);
  }

  private unsubscribe(id: number, subscription: number): void {
    this.subscriptions.get(subscription)?.();
    if (this.subscriptions.delete(subscription)) this.answer(id, null);
    else this.refuse(id, 'not_found', 'Subscription not found.');
  }

  private entityList(): object {
    const { house } = this.demo;
    return { entities: house.all().map(({ entityId }) => displayed(entityId, house.home(entityId))) };
  }

  private answer(id: number, result: unknown): void {
    this.send({ id, type: 'result', success: true, result });
  }

  private refuse(id: number, code: string, message: string): void {
    this.send({ id, type: 'result', success: false, error: { code, message } });
  }

  private send(message: object): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private end(): void {
    this.takeBackTimeout();
    for (const end of this.subscriptions.values()) end();
    this.subscriptions.clear();
  }
}

function stateChanged({ entityId, before, after }: Change): Fields {
  return {
    entity_id: entityId,
    old_state: before === undefined ? null : shown(before),
    new_state: after === undefined ? null : shown(after),
  };
}

function displayed(entityId: string, { area, device }: { area?: string; device?: string }): object {
  return { ei: entityId, pl: 'demo', lb: [], ...(area === undefined ? {} : { ai: area }), ...(device === undefined ? {} : { di: device }) };
}
