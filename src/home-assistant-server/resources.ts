import type { McpServer } from '@modelcontextprotocol/server';
import { ChangeNotices } from './change-notices.js';
import { InvalidArguments } from './failures.js';
import type { HomeAssistant } from './home-assistant.js';
import { healthOf } from './house-health.js';
import { LockGroups } from './lock-groups.js';
import { domainOf } from './entity.js';

const STATES = 'hass://states';
const LOCK_GROUPS = 'hass://lock-groups';
const HEALTH = 'hass://health';
const LIST = [
  { uri: STATES, name: 'states', description: "Nombre d'entités par domaine; annonce les changements", mimeType: 'application/json' },
  {
    uri: LOCK_GROUPS,
    name: 'lock-groups',
    description: 'Ce que touchent groupes, scènes, pièces, appareils',
    mimeType: 'application/json',
  },
  { uri: HEALTH, name: 'health', description: 'État de la connexion à Home Assistant', mimeType: 'application/json' },
];

type Server = McpServer['server'];

/** The three resources of this server, and the notices of their changes. */
export class Resources {
  private revision = 0;
  private readonly groups: LockGroups;
  private readonly notices = new Map<string, ChangeNotices>();

  constructor(private readonly house: HomeAssistant) {
    this.groups = new LockGroups(house);
    house.mirror.onChange((change) => {
      this.revision++;
      if (change === 'everything') this.notices.get(STATES)?.everything();
      else this.notices.get(STATES)?.keys(change.ids);
    });
    house.onCatalogueChange(() => this.notices.get(STATES)?.keys(['services']));
    this.groups.onChange(() => this.notices.get(LOCK_GROUPS)?.everything());
  }

  serve(server: Server, era: 'legacy' | 'modern'): void {
    for (const uri of [STATES, LOCK_GROUPS]) {
      this.notices.set(uri, new ChangeNotices((meta) => server.sendResourceUpdated({ uri, _meta: meta })));
    }
    server.setRequestHandler('resources/list', () => ({ resources: LIST }));
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [] }));
    server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
      this.house.connection.start();
      return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(await this.read(uri)) }] };
    });
    if (era === 'modern') {
      // The SDK passes notices on to whoever listens to them; nobody subscribes by a request of its own.
      for (const notices of this.notices.values()) notices.open();
      return;
    }
    server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
      this.house.connection.start();
      this.notices.get(uri)?.open();
      return {};
    });
    server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
      this.notices.get(uri)?.close();
      return {};
    });
  }

  private async read(uri: string): Promise<object> {
    switch (uri) {
      case HEALTH:
        return healthOf(this.house);
      case STATES:
        return this.states();
      case LOCK_GROUPS:
        return this.groups.read();
      default:
        throw new InvalidArguments('uri', `ressource inconnue: ${uri}`);
    }
  }

  private states(): object {
    const domains: Record<string, number> = {};
    for (const { id } of this.house.mirror.list()) domains[domainOf(id)] = (domains[domainOf(id)] ?? 0) + 1;
    return { count: this.house.mirror.size, revision: this.revision, domains };
  }
}
