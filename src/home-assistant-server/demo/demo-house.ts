import { Automations } from './automations.js';
import { Climates } from './climates.js';
import { type Clock, systemClock } from './clock.js';
import { Covers } from './covers.js';
import { generalServices, notify, persistentNotification } from './general-services.js';
import { House } from './house.js';
import { Lights } from './lights.js';
import { Scenes } from './scenes.js';
import { Scripts } from './scripts.js';
import { ServiceRegistry } from './services.js';
import { Switches } from './switches.js';
import { Weather } from './weather.js';

export interface DemoOptions {
  readonly clock?: Clock;
  /** Delay of every service call. */
  readonly delayMs?: number;
  /** Rhythm of the sensors; 0 = they stay as they are. */
  readonly tickMs?: number;
}

/** The house with all that moves it. */
export class DemoHouse {
  readonly house: House;
  readonly services: ServiceRegistry;
  readonly automations: Automations;
  private readonly weather: Weather;

  constructor({ clock = systemClock, delayMs = 0, tickMs = 0 }: DemoOptions = {}) {
    this.house = new House(clock);
    this.services = new ServiceRegistry(this.house, delayMs);
    this.automations = new Automations(this.house);
    const lights = new Lights(this.house);
    const switches = new Switches(this.house);
    this.services.add('homeassistant', generalServices(this.services));
    this.services.add('persistent_notification', persistentNotification);
    this.services.add('notify', notify);
    this.services.add('light', lights.services);
    this.services.add('switch', switches.services);
    this.services.add('climate', new Climates(this.house).services);
    this.services.add('cover', new Covers(this.house).services);
    this.services.add('scene', new Scenes(this.house, lights, switches).services);
    this.services.add('script', new Scripts(this.house, lights, switches).services);
    this.services.add('automation', this.automations.services);
    this.weather = new Weather(this.house, tickMs);
    this.weather.begin();
  }

  close(): void {
    this.weather.end();
  }
}
