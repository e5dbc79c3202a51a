import { Injectable } from '@nestjs/common';

/** Whether this process still wants work; what readiness, the gauge and `Connection: close` read. */
@Injectable()
export class Lifecycle {
  private leaving = false;
  readonly startedAt = new Date();

  get draining(): boolean {
    return this.leaving;
  }

  get uptimeSeconds(): number {
    return Math.floor((Date.now() - this.startedAt.getTime()) / 1000);
  }

  drain(): void {
    this.leaving = true;
  }
}
