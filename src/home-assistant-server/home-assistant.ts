import { setTimeout as pause } from 'node:timers/promises';
import { CommandRefused } from './failures.js';
import { type Fields, fieldsOf, textOf } from './fields.js';
import { EntityMirror } from './entity-mirror.js';
import { HouseConnection } from './house-connection.js';
import { HouseRest } from './house-rest.js';
import type { Heartbeat, HouseSocket } from './house-socket.js';
import { ServiceCatalogue } from './service-catalogue.js';
import { DEMO_TOKEN_PREFIX, type Settings } from './settings.js';
import { Targets } from './targets.js';

const CHECK_RUNNING_EVERY_MS = 1000;

/** All that the tools and resources know of one Home Assistant. */
export class HomeAssistant {
  readonly connection: HouseConnection;
  readonly mirror = new EntityMirror();
  readonly services: ServiceCatalogue;
  readonly targets: Targets;
  readonly rest: HouseRest;
  isAdmin: boolean | undefined;
  version: string | undefined;
  private readonly catalogueListeners = new Set<() => void>();

  constructor(
    readonly settings: Settings,
    heartbeat?: Heartbeat,
  ) {
    this.connection = new HouseConnection(settings, (socket, starting) => this.prepare(socket, starting), heartbeat);
    const ask = (type: string) => this.connection.ask(type, {}, AbortSignal.timeout(settings.timeoutMs));
    this.services = new ServiceCatalogue(() => ask('get_services'));
    this.targets = new Targets(ask);
    this.rest = new HouseRest(settings, this.connection);
  }

  /** Known before the first connection when the token is one of a demo house. */
  get isDemo(): boolean {
    const { house } = this.settings;
    return this.version?.endsWith('-demo') === true || ('token' in house && house.token.startsWith(DEMO_TOKEN_PREFIX));
  }

  /** The mirror, with everything in it that Home Assistant did before this call. */
  async states(signal: AbortSignal): Promise<EntityMirror> {
    await this.connection.barrier(signal);
    return this.mirror;
  }

  onCatalogueChange(listener: () => void): void {
    this.catalogueListeners.add(listener);
  }

  private async prepare(socket: HouseSocket, starting: () => void): Promise<void> {
    this.version = socket.version;
    this.isAdmin = fieldsOf(await socket.request('auth/current_user')).is_admin === true;
    while (textOf(fieldsOf(await socket.request('get_config')).state) !== 'RUNNING') {
      starting();
      await pause(CHECK_RUNNING_EVERY_MS, undefined, { ref: false });
    }
    this.services.forget();
    this.targets.forgetAll();
    await this.followStates(socket);
    await this.followEvents(socket);
  }

  /** Resolves with the first dump in the mirror: nobody reads an empty house. */
  private async followStates(socket: HouseSocket): Promise<void> {
    this.mirror.expectDump();
    const first = new Promise<void>((resolve) => {
      const end = this.mirror.onChange(() => {
        end();
        resolve();
      });
    });
    await socket.subscribe('subscribe_entities', {}, (event) => this.mirror.take(event));
    await Promise.race([first, socket.closed.then((lost) => Promise.reject(lost))]);
  }

  /** A plain user may be refused some of them; those tables are then read again from time to time. */
  private async followEvents(socket: HouseSocket): Promise<void> {
    const catalogueChanged = () => {
      this.services.forget();
      for (const listener of this.catalogueListeners) listener();
    };
    await follow(socket, 'service_registered', catalogueChanged);
    await follow(socket, 'service_removed', catalogueChanged);
    for (const registry of this.targets.registries) {
      const heard = await follow(socket, registry.event, () => this.targets.forget(registry));
      registry.keepForever = heard;
    }
  }
}

async function follow(socket: HouseSocket, event: string, listener: (data: Fields) => void): Promise<boolean> {
  try {
    await socket.subscribe('subscribe_events', { event_type: event }, listener);
    return true;
  } catch (error) {
    if (error instanceof CommandRefused) return false;
    throw error;
  }
}
