import type { House } from './house.js';
import { newContext } from './state.js';

/** Moves the sensors: the room towards its setpoint, outdoors with the hour, and somebody comes and goes. */
export class Weather {
  private takeBack: () => void = () => undefined;
  private seed = 42;

  constructor(
    private readonly house: House,
    private readonly tickMs: number,
  ) {}

  begin(): void {
    if (this.tickMs > 0) this.takeBack = this.house.clock.after(this.tickMs, () => this.tick());
  }

  end(): void {
    this.takeBack();
  }

  private tick(): void {
    const hour = new Date(this.house.clock.now()).getUTCHours();
    const outdoors = 9 - 5 * Math.cos((2 * Math.PI * (hour - 3)) / 24);
    const heating = this.house.get('climate.salon');
    const goal = heating?.state === 'off' ? outdoors : Number(heating?.attributes.temperature);
    this.move('sensor.temperature_exterieure', outdoors, 0.1, 1);
    this.move('sensor.temperature_salon', goal, 0.1, 1);
    this.move('sensor.humidite_salon', 48 + 6 * (this.random() - 0.5), 1, 0);
    if (this.random() < 0.1) this.comeOrGo();
    this.begin();
  }

  private move(id: string, goal: number, step: number, decimals: number): void {
    const value = Number(this.house.get(id)?.state);
    const next = value + Math.min(step, Math.max(-step, goal - value));
    this.house.set(id, { state: next.toFixed(decimals) }, newContext(null));
  }

  private comeOrGo(): void {
    const id = 'binary_sensor.mouvement_salon';
    this.house.set(id, { state: this.house.get(id)?.state === 'on' ? 'off' : 'on' }, newContext(null));
  }

  /** Lehmer's generator: the same days for everybody who starts the house. */
  private random(): number {
    this.seed = (this.seed * 48_271) % 2_147_483_647;
    return this.seed / 2_147_483_647;
  }
}
