import { type Fields, isFields } from '../fields.js';
import { type Clock, pause } from './clock.js';
import type { House } from './house.js';
import { type Service, ServiceError, type Services } from './service.js';
import { type Context } from './state.js';
import { readTargets } from './service-targets.js';

const MAX_DELAY_MS = 10_000;

/** The one way to a service: finds it, reads data and target, waits as asked, runs it. */
export class ServiceRegistry {
  private readonly domains = new Map<string, Record<string, Service>>();

  constructor(
    private readonly house: House,
    private readonly delayMs: number,
    private readonly clock: Clock = house.clock,
  ) {}

  add(domain: string, services: Services): void {
    this.domains.set(domain, { ...this.domains.get(domain), ...services });
  }

  /** The catalogue in the shape of the WebSocket: by domain, by service. */
  describe(): Record<string, Record<string, Fields>> {
    const described = ([name, service]: [string, Service]): [string, Fields] => [name, describe(service)];
    return Object.fromEntries(
      [...this.domains].map(([domain, services]) => [domain, Object.fromEntries(Object.entries(services).map(described))]),
    );
  }

  /** @throws ServiceError as Home Assistant words it */
  async call(domain: string, name: string, serviceData: unknown, target: unknown, context: Context): Promise<void> {
    const service = this.domains.get(domain)?.[name];
    if (service === undefined) throw new ServiceError('not_found', `Service ${domain}.${name} not found.`);
    if (serviceData !== undefined && !isFields(serviceData))
      throw new ServiceError('invalid_format', "expected dict for dictionary value @ data['service_data']");
    const { demo_delay_ms: asked, ...given } = { ...serviceData, ...(isFields(target) ? target : {}) };
    const { data, targets } = readTargets(this.house, service, service.anyDomain === true ? undefined : domain, given);
    const read = readData(service, data);
    const delayMs = this.delayMs + delayOf(asked);
    if (delayMs > 0 && service.beginsAtOnce !== true) await pause(this.clock, delayMs);
    await service.run({ data: read, targets: targets.filter((id) => this.house.get(id)?.state !== 'unavailable'), context, delayMs });
  }
}

function describe({ fields, target }: Service): Fields {
  const shown = Object.entries(fields).map(([key, { selector, required }]) => [
    key,
    required === true ? { required, selector } : { selector },
  ]);
  return { fields: Object.fromEntries(shown) as Fields, ...(target === 'none' ? {} : { target: { entity: [{}] } }) };
}

function readData({ fields }: Service, data: Fields): Fields {
  for (const [key, field] of Object.entries(fields)) {
    if (field.required === true && !(key in data)) throw new ServiceError('invalid_format', `required key not provided @ data['${key}']`);
  }
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, readValue(fields, key, value)]));
}

function readValue(fields: Service['fields'], key: string, value: unknown): unknown {
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (field === undefined) throw new ServiceError('invalid_format', `extra keys not allowed @ data['${key}']`);
  try {
    return field.read(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ServiceError('invalid_format', `${error.message} for dictionary value @ data['${key}']`);
  }
}

function delayOf(asked: unknown): number {
  const delayMs = asked === undefined ? 0 : Number(asked);
  if (delayMs >= 0 && delayMs <= MAX_DELAY_MS) return delayMs;
  throw new ServiceError('invalid_format', "value must be at most 10000 for dictionary value @ data['demo_delay_ms']");
}
