import { type Fields, fieldsOf, isFields } from '../fields.js';
import { isoOf } from '../house-time.js';
import { SCENES } from './entities.js';
import type { House } from './house.js';
import type { Lights } from './lights.js';
import { decimal, object, required, type Services } from './service.js';
import type { Context } from './state.js';
import type { Switches } from './switches.js';

/** Puts several entities into given states; all of them, and the scene, carry the call's context. */
export class Scenes {
  readonly services: Services = {
    turn_on: {
      target: 'required',
      fields: { transition: decimal(0, 300) },
      run: ({ targets, context }) => targets.forEach((id) => this.turnOn(id, context)),
    },
    apply: {
      target: 'none',
      fields: { entities: required(object), transition: decimal(0, 300) },
      run: ({ data, context }) => this.apply(fieldsOf(data.entities), context),
    },
  };

  constructor(
    private readonly house: House,
    private readonly lights: Lights,
    private readonly switches: Switches,
  ) {}

  private turnOn(id: string, context: Context): void {
    this.apply({ ...SCENES[id] }, context);
    this.house.set(id, { state: isoOf(this.house.clock.now() / 1000) }, context);
  }

  private apply(entities: Fields, context: Context): void {
    for (const [id, wanted] of Object.entries(entities)) {
      if (this.house.get(id) === undefined) continue;
      const { state, ...how } = isFields(wanted) ? wanted : { state: wanted };
      if (id.startsWith('switch.')) this.switches.turn(id, String(state), context);
      else if (!id.startsWith('light.')) continue;
      else if (state === 'on') this.lights.turnOn(id, how, context);
      else this.lights.turnOff(id, context);
    }
  }
}
