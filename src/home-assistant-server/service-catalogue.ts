import { type Fields, fieldsOf } from './fields.js';

/** The services that Home Assistant offers, by domain and name; asked once and kept until one comes or goes. */
export class ServiceCatalogue {
  private known: Promise<Fields> | undefined;

  /** `ask` fetches it whole. */
  constructor(private readonly ask: (signal: AbortSignal) => Promise<unknown>) {}

  /** @throws HouseFailure */
  async all(signal: AbortSignal): Promise<Fields> {
    if (this.known !== undefined) return this.known;
    const asked = this.ask(signal).then(fieldsOf);
    this.known = asked;
    asked.catch(() => {
      if (this.known === asked) this.known = undefined;
    });
    return asked;
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
}

function serviceIn(catalogue: Fields, domain: string, service: string): Fields | undefined {
  const services = fieldsOf(Object.hasOwn(catalogue, domain) ? catalogue[domain] : undefined);
  return Object.hasOwn(services, service) ? fieldsOf(services[service]) : undefined;
}
