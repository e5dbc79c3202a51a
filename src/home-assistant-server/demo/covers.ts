import type { House } from './house.js';
import { required, type Service, ServiceError, type ServiceCall, type Services, whole } from './service.js';
import type { Context } from './state.js';

const POINTS_PER_SECOND = 10;
const SHOWN_EVERY_MS = 500;

/** Shutters and doors: a call is answered at once, then they travel. */
export class Covers {
  readonly services: Services = {
    open_cover: this.service((id, { context }) => this.travel(id, 100, context)),
    close_cover: this.service((id, { context }) => this.travel(id, 0, context)),
    stop_cover: this.service((id, { context }) => this.stop(id, context)),
    set_cover_position: {
      ...this.service((id, { data, context }) => this.travel(id, Number(data.position), context)),
      fields: { position: required(whole(0, 100)) },
    },
    toggle: this.service((id, { context }) => this.travel(id, this.house.get(id)?.state === 'closed' ? 100 : 0, context)),
    open_cover_tilt: this.service((id) => refuse(id, 'open_cover_tilt')),
    close_cover_tilt: this.service((id) => refuse(id, 'close_cover_tilt')),
  };
  /** By entity: halts the journey under way and tells where. */
  private readonly journeys = new Map<string, () => number>();

  constructor(private readonly house: House) {}

  private travel(id: string, goal: number, context: Context): void {
    const start = this.halt(id);
    const startedMs = this.house.clock.now();
    const position = () => {
      const travelled = ((this.house.clock.now() - startedMs) / 1000) * POINTS_PER_SECOND;
      return Math.round(goal > start ? Math.min(goal, start + travelled) : Math.max(goal, start - travelled));
    };
    const show = () => {
      if (position() === goal) {
        this.rest(id, goal, context);
        return;
      }
      this.house.set(id, { state: goal > start ? 'opening' : 'closing', attributes: { current_position: position() } }, context);
      const takeBack = this.house.clock.after(SHOWN_EVERY_MS, show);
      this.journeys.set(id, () => {
        takeBack();
        return position();
      });
    };
    show();
  }

  private stop(id: string, context: Context): void {
    this.rest(id, this.halt(id), context);
  }

  private halt(id: string): number {
    return this.journeys.get(id)?.() ?? Number(this.house.get(id)?.attributes.current_position);
  }

  private rest(id: string, position: number, context: Context): void {
    this.journeys.delete(id);
    this.house.set(id, { state: position === 0 ? 'closed' : 'open', attributes: { current_position: position } }, context);
  }

  private service(act: (id: string, call: ServiceCall) => void): Service {
    return { target: 'required', fields: {}, run: (call) => call.targets.forEach((id) => act(id, call)) };
  }
}

function refuse(id: string, service: string): never {
  throw new ServiceError('service_validation_error', `Entity ${id} does not support action cover.${service}.`);
}
