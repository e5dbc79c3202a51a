import { type Clock, pause } from './clock.js';

/**
 * What devices do takes its time, and Home Assistant runs it in mode `single`: an action that is started again
 * meanwhile is passed over, and whoever asked for it is told of success at once.
 */
export class SingleActions {
  private readonly running = new Set<string>();

  constructor(private readonly clock: Clock) {}

  async run(action: string, takesMs: number, end: () => void): Promise<void> {
    if (this.running.has(action)) return;
    if (takesMs > 0) {
      this.running.add(action);
      await pause(this.clock, takesMs);
      this.running.delete(action);
    }
    end();
  }
}
