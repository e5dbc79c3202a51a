import type { House } from './house.js';
import type { Service, ServiceCall, Services } from './service.js';
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

  constructor(private readonly house: House) {}

  turn(id: string, state: string, context: Context): void {
    this.house.set(id, { state }, context);
    if (id === PRINTER) this.house.set(PRINTER_METER, { state: state === 'on' ? PRINTER_WATTS : '0' }, context);
  }

  private service(next: (id: string) => string): Service {
    const run = ({ targets, context }: ServiceCall) => targets.forEach((id) => this.turn(id, next(id), context));
    return { target: 'required', fields: {}, run };
  }
}
