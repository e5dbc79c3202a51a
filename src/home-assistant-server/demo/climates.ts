import { type Fields, textsOf } from '../fields.js';
import type { House } from './house.js';
import { decimal, required, type Service, ServiceError, type ServiceCall, type Services, text } from './service.js';
import type { Context } from './state.js';

const THERMOMETER = 'sensor.temperature_salon';

/** A thermostat whose reading is the room's sensor. */
export class Climates {
  readonly services: Services = {
    set_temperature: this.service({ temperature: required(decimal(-100, 200)), hvac_mode: text }, (id, { data, context }) => {
      this.setTemperature(id, Number(data.temperature), context);
      if (typeof data.hvac_mode === 'string') this.setMode(id, data.hvac_mode, context);
    }),
    set_hvac_mode: this.service({ hvac_mode: required(text) }, (id, { data, context }) =>
      this.setMode(id, String(data.hvac_mode), context),
    ),
    turn_on: this.service({}, (id, { context }) => this.setMode(id, 'heat', context)),
    turn_off: this.service({}, (id, { context }) => this.setMode(id, 'off', context)),
  };

  constructor(private readonly house: House) {
    house.onChange(({ entityId, after }) => {
      if (entityId !== THERMOMETER || after === undefined) return;
      for (const { entityId: id } of house.all('climate')) this.show(id, { current_temperature: Number(after.state) }, after.context);
    });
  }

  private setTemperature(id: string, temperature: number, context: Context): void {
    const { min_temp: min, max_temp: max } = this.house.get(id)?.attributes ?? {};
    if (temperature < Number(min) || temperature > Number(max)) {
      throw new ServiceError(
        'service_validation_error',
        `Validation error: Provided temperature ${temperature} is not valid. Accepted range is ${Number(min)} to ${Number(max)}`,
      );
    }
    this.show(id, { temperature }, context);
  }

  private setMode(id: string, mode: string, context: Context): void {
    const modes = textsOf(this.house.get(id)?.attributes.hvac_modes);
    if (!modes.includes(mode)) {
      throw new ServiceError(
        'service_validation_error',
        `Validation error: HVAC mode ${mode} is not valid. Valid HVAC modes are: ${modes.join(', ')}`,
      );
    }
    this.house.set(id, { state: mode }, context);
    this.show(id, {}, context);
  }

  private show(id: string, attributes: Fields, context: Context): void {
    const climate = this.house.get(id);
    const { temperature, current_temperature: current } = { ...climate?.attributes, ...attributes };
    const action = climate?.state === 'off' ? 'off' : Number(current) < Number(temperature) ? 'heating' : 'idle';
    this.house.set(id, { attributes: { ...attributes, hvac_action: action } }, context);
  }

  private service(fields: Service['fields'], act: (id: string, call: ServiceCall) => void): Service {
    return { target: 'required', fields, run: (call) => call.targets.forEach((id) => act(id, call)) };
  }
}
