import { isoOf } from '../house-time.js';
import { pause } from './clock.js';
import type { House } from './house.js';
import type { Lights } from './lights.js';
import type { Services } from './service.js';
import type { Context } from './state.js';
import type { Switches } from './switches.js';

const SOIREE = 'script.soiree';
const PAUSE_MS = 5000;

/** The house's one script, of mode `single`: a start while it runs succeeds and does nothing. */
export class Scripts {
  readonly services: Services = {
    soiree: { target: 'none', fields: {}, run: ({ context }) => this.run(context) },
    turn_on: {
      target: 'required',
      fields: {},
      run: ({ targets, context }) => (targets.includes(SOIREE) ? this.start(context) : undefined),
    },
    turn_off: { target: 'required', fields: {}, run: ({ targets, context }) => this.stopIf(targets, context) },
    toggle: {
      target: 'required',
      fields: {},
      run: ({ targets, context }) =>
        this.running ? this.stopIf(targets, context) : targets.includes(SOIREE) ? this.start(context) : undefined,
    },
  };
  /** Which of the runs is the present one; an older one that wakes up ends. */
  private runs = 0;

  constructor(
    private readonly house: House,
    private readonly lights: Lights,
    private readonly switches: Switches,
  ) {}

  private get running(): boolean {
    return this.house.get(SOIREE)?.state === 'on';
  }

  /** Answered at once, but while it runs already only at its next change. */
  private start(context: Context): Promise<void> | undefined {
    if (this.running) return this.nextChange();
    void this.run(context);
    return undefined;
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const end = this.house.onChange(({ entityId }) => {
        if (entityId !== SOIREE) return;
        end();
        resolve();
      });
    });
  }

  private async run(context: Context): Promise<void> {
    if (this.running) return;
    const run = ++this.runs;
    this.house.set(SOIREE, { state: 'on', attributes: { last_triggered: isoOf(this.house.clock.now() / 1000), current: 1 } }, context);
    this.lights.turnOn('light.salon_lamp', { brightness: 60 }, context);
    await pause(this.house.clock, PAUSE_MS);
    if (run !== this.runs) return;
    this.switches.turn('switch.tv', 'off', context);
    this.rest(context);
  }

  private stopIf(targets: readonly string[], context: Context): void {
    if (targets.includes(SOIREE) && this.running) this.rest(context);
  }

  private rest(context: Context): void {
    this.runs++;
    this.house.set(SOIREE, { state: 'off', attributes: { current: 0 } }, context);
  }
}
