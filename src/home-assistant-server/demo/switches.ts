import type { House } from './house.js';
import type { Service, ServiceCall, Services } from './service.js';
import { SingleActions } from './single-actions.js';
import type { Context } from './state.js';

const PRINTER = 'switch.imprimante_3d';
const PRINTER_METER = 'sensor.puissance_imprimante_3d';
const PRINTER_WATTS = '120';

/** Plugs; the printer's meter shows what its plug lets through. */
export class Switches {
  readonly services: Services = {
    turn_on: this.service(() => 'on'),
    turn_off: this.service(() => 'off'),
    toggle: this.service((id) => (this.house.get(id)?.state === 'on' ? 'off' : 'on')),
  };

  private readonly actions: SingleActions;

  constructor(private readonly house: House) {
    this.actions = new SingleActions(house.clock);
  }

  turn(id: string, state: string, context: Context): void {
    this.house.set(id, { state }, context);
    if (id === PRINTER) this.house.set(PRINTER_METER, { state: state === 'on' ? PRINTER_WATTS : '0' }, context);
  }

  private service(next: (id: string) => string): Service {
    const begin = (id: string, { context, delayMs }: ServiceCall) => {
      const state = next(id);
      return this.actions.run(`${id} ${state}`, delayMs, () => this.turn(id, state, context));
    };
    const run = async (call: ServiceCall) => {
      await Promise.all(call.targets.map((id) => begin(id, call)));
    };
    return { target: 'required', beginsAtOnce: true, fields: {}, run };
  }
}
