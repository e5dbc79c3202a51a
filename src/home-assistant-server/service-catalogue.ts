import { type Fields, fieldsOf } from './fields.js';
import { within } from './within.js';

/** The services that Home Assistant offers, by domain and name; asked once and kept until one comes or goes. */
export class ServiceCatalogue {
  private known: Promise<Fields> | undefined;

  /** `ask` fetches it whole, for everybody who waits: no caller's leaving ends it. */
  constructor(private readonly ask: () => Promise<unknown>) {}

  /** @throws HouseFailure */
  async all(signal: AbortSignal): Promise<Fields> {
    return within(signal, (this.known ??= this.fetch()));
  }

  /** What is known of one service; undefined when there is none, also after asking anew. */
  async find(domain: string, service: string, signal: AbortSignal): Promise<Fields | undefined> {
    const known = serviceIn(await this.all(signal), domain, service);
    if (known !== undefined) return known;
    this.forget();
    return serviceIn(await this.all(signal), domain, service);
  }

  forget(): void {
    this.known = undefined;
  }

  private fetch(): Promise<Fields> {
    const asked = this.ask().then(fieldsOf);
    asked.catch(() => {
      if (this.known === asked) this.forget();
    });
    return asked;
  }
}

function serviceIn(catalogue: Fields, domain: string, service: string): Fields | undefined {
  const services = fieldsOf(Object.hasOwn(catalogue, domain) ? catalogue[domain] : undefined);
  return Object.hasOwn(services, service) ? fieldsOf(services[service]) : undefined;
}
