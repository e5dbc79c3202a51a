import { type Fields, isFields, listOf, textOf } from '../fields.js';
import { isoOf } from '../house-time.js';
import { AUTOMATION_CONFIGS } from './automation-configs.js';
import type { House } from './house.js';
import { type Service, ServiceError, type Services } from './service.js';
import { type Context, newContext } from './state.js';

const RELOAD_MS = 200;
const PLATFORMS = [
  'state',
  'time',
  'time_pattern',
  'sun',
  'numeric_state',
  'template',
  'event',
  'homeassistant',
  'zone',
  'webhook',
  'mqtt',
  'device',
  'calendar',
];
const KEYS = [
  'alias',
  'description',
  'trigger',
  'triggers',
  'condition',
  'conditions',
  'action',
  'actions',
  'mode',
  'id',
  'max',
  'variables',
];

/** Automations can be switched, triggered, written and deleted; none fires by itself. */
export class Automations {
  readonly services: Services = {
    turn_on: this.service((id, context) => this.house.set(id, { state: 'on' }, context)),
    turn_off: this.service((id, context) => this.house.set(id, { state: 'off' }, context)),
    toggle: this.service((id, context) => this.house.set(id, { state: this.house.get(id)?.state === 'on' ? 'off' : 'on' }, context)),
    trigger: this.service((id, context) => {
      this.house.set(id, { attributes: { last_triggered: isoOf(this.house.clock.now() / 1000) } }, context);
    }),
    reload: { target: 'none', fields: {}, run: () => undefined },
  };
  private readonly configs = new Map<string, Fields>(Object.entries(AUTOMATION_CONFIGS));

  constructor(private readonly house: House) {}

  read(id: string): Fields | undefined {
    const config = this.configs.get(id);
    return config === undefined ? undefined : { id, ...config };
  }

  /**
   * The entity follows a moment later, as after a real reload.
   * @throws ServiceError with what is wrong in the configuration
   */
  write(id: string, config: unknown): void {
    const valid = validate(config);
    this.configs.set(id, valid);
    this.house.clock.after(RELOAD_MS, () => this.load(id, valid));
  }

  delete(id: string): boolean {
    const entity = this.entityOf(id);
    if (entity !== undefined) this.house.clock.after(RELOAD_MS, () => this.house.remove(entity));
    return this.configs.delete(id);
  }

  private load(id: string, { alias, mode = 'single' }: Fields): void {
    const context = newContext(null);
    const known = this.entityOf(id);
    if (known !== undefined) this.house.set(known, { state: 'unavailable' }, context);
    const state = { state: 'on', attributes: { id, friendly_name: alias, mode, current: 0, last_triggered: null } };
    this.house.set(known ?? this.freeEntityId(String(alias)), state, context);
  }

  private entityOf(id: string): string | undefined {
    return this.house.all('automation').find(({ attributes }) => attributes.id === id)?.entityId;
  }

  private freeEntityId(alias: string): string {
    const slug = `automation.${slugOf(alias)}`;
    let free = slug;
    for (let clash = 2; this.house.get(free) !== undefined; clash++) free = `${slug}_${clash}`;
    return free;
  }

  private service(act: (id: string, context: Context) => void): Service {
    return { target: 'required', fields: {}, run: ({ targets, context }) => targets.forEach((id) => act(id, context)) };
  }
}

function validate(config: unknown): Fields {
  if (!isFields(config)) throw malformed('expected a dictionary');
  const extra = Object.keys(config).find((key) => !KEYS.includes(key));
  if (extra !== undefined) throw malformed(`extra keys not allowed @ data['${extra}']`);
  if (textOf(config.alias) === undefined) throw malformed("required key not provided @ data['alias']");
  const triggers = config.triggers ?? config.trigger;
  if (triggers === undefined) throw malformed("required key not provided @ data['triggers']");
  if ((config.actions ?? config.action) === undefined) throw malformed("required key not provided @ data['actions']");
  for (const trigger of Array.isArray(triggers) ? listOf(triggers) : [triggers]) {
    const platform = isFields(trigger) ? textOf(trigger.platform ?? trigger.trigger) : undefined;
    if (platform === undefined) throw malformed("required key not provided @ data['triggers'][0]['trigger']");
    if (!PLATFORMS.includes(platform)) throw malformed(`Invalid trigger '${platform}' specified`);
  }
  return config;
}

function malformed(reason: string): ServiceError {
  return new ServiceError('invalid_format', `Message malformed: ${reason}`);
}

function slugOf(alias: string): string {
  const plain = alias.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '') || 'unknown';
}
