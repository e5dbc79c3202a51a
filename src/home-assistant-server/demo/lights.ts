import { type Fields, textsOf } from '../fields.js';
import { FIRST_BRIGHTNESS } from './entities.js';
import type { House } from './house.js';
import { clamped, decimal, type Service, type ServiceCall, type Services, whole } from './service.js';
import { SingleActions } from './single-actions.js';
import type { Context } from './state.js';

const FULL = 255;
const HOW = {
  brightness: clamped(0, FULL),
  brightness_pct: clamped(0, 100),
  brightness_step: whole(-FULL, FULL),
  color_temp_kelvin: whole(1000, 40_000),
  transition: decimal(0, 300),
};

/** Lamps with a level, and groups that show what their members do. */
export class Lights {
  readonly services: Services = {
    turn_on: this.service((id, call) => this.beginTurnOn(id, call)),
    turn_off: { ...this.service((id, call) => this.beginTurnOff(id, call)), fields: { transition: HOW.transition } },
    toggle: this.service((id, call) => (this.house.get(id)?.state === 'on' ? this.beginTurnOff(id, call) : this.beginTurnOn(id, call))),
  };
  private readonly lastLevel = new Map<string, number>();
  private readonly actions: SingleActions;

  constructor(private readonly house: House) {
    this.actions = new SingleActions(house.clock);
    house.onChange(({ entityId, after }) => {
      if (after !== undefined && entityId.startsWith('light.')) this.followMembers(entityId, after.context);
    });
  }

  turnOn(id: string, how: Fields, context: Context): void {
    const members = this.members(id);
    if (members.length > 0) {
      for (const member of members) this.turnOn(member, how, context);
      return;
    }
    const level = this.levelFor(id, how);
    if (level <= 0) {
      this.turnOff(id, context);
      return;
    }
    this.lastLevel.set(id, level);
    this.house.set(id, { state: 'on', attributes: { brightness: level, ...this.colour(id, how) } }, context);
  }

  turnOff(id: string, context: Context): void {
    for (const member of this.members(id)) this.turnOff(member, context);
    const { color_temp_kelvin: warmth } = this.attributes(id);
    const dark = { brightness: null, color_mode: null, ...(warmth === undefined ? {} : { color_temp_kelvin: null }) };
    if (this.members(id).length === 0) this.house.set(id, { state: 'off', attributes: dark }, context);
  }

  /** With a level it is another action than without. */
  private beginTurnOn(id: string, call: ServiceCall): Promise<void> {
    if (this.levelFor(id, call.data) <= 0) return this.beginTurnOff(id, call);
    const action = Object.keys(call.data).some((key) => key.startsWith('brightness')) ? 'set_level' : 'turn_on';
    return this.begin(id, action, call, (lamp) => this.turnOn(lamp, call.data, call.context));
  }

  private beginTurnOff(id: string, call: ServiceCall): Promise<void> {
    return this.begin(id, 'turn_off', call, (lamp) => this.turnOff(lamp, call.context));
  }

  /** A group has no action of its own, only those of its members. */
  private async begin(id: string, action: string, { delayMs }: ServiceCall, end: (lamp: string) => void): Promise<void> {
    const members = this.members(id);
    const lamps = members.length > 0 ? members : [id];
    await Promise.all(lamps.map((lamp) => this.actions.run(`${lamp} ${action}`, delayMs, () => end(lamp))));
  }

  private service(begin: (id: string, call: ServiceCall) => Promise<void>): Service {
    const run = async (call: ServiceCall) => {
      await Promise.all(call.targets.map((id) => begin(id, call)));
    };
    return { target: 'required', beginsAtOnce: true, fields: HOW, run };
  }

  private levelFor(id: string, { brightness, brightness_pct: percent, brightness_step: step }: Fields): number {
    const shown = this.attributes(id).brightness;
    const before = typeof shown === 'number' ? shown : (this.lastLevel.get(id) ?? FIRST_BRIGHTNESS);
    if (typeof brightness === 'number') return brightness;
    if (typeof percent === 'number') return Math.round((percent * FULL) / 100);
    if (typeof step === 'number') return Math.min(FULL, Math.max(0, before + step));
    return before;
  }

  private colour(id: string, { color_temp_kelvin: asked }: Fields): Fields {
    const {
      supported_color_modes: modes,
      color_temp_kelvin: before,
      min_color_temp_kelvin: min,
      max_color_temp_kelvin: max,
    } = this.attributes(id);
    if (!textsOf(modes).includes('color_temp')) return { color_mode: 'brightness' };
    const wanted = Number(asked ?? before ?? 3000);
    return { color_mode: 'color_temp', color_temp_kelvin: Math.min(Number(max), Math.max(Number(min), wanted)) };
  }

  private followMembers(member: string, context: Context): void {
    for (const group of this.house.all('light')) {
      const members = this.members(group.entityId);
      if (!members.includes(member)) continue;
      const lit = members.map((id) => this.house.get(id)).filter((state) => state?.state === 'on');
      const levels = lit.map((state) => Number(state?.attributes.brightness));
      const mean = levels.length === 0 ? null : Math.floor(levels.reduce((sum, level) => sum + level, 0) / levels.length);
      const attributes = { brightness: mean, color_mode: mean === null ? null : 'brightness' };
      this.house.set(group.entityId, { state: mean === null ? 'off' : 'on', attributes }, context);
    }
  }

  private members(id: string): readonly string[] {
    return textsOf(this.attributes(id).entity_id);
  }

  private attributes(id: string): Fields {
    return this.house.get(id)?.attributes ?? {};
  }
}
