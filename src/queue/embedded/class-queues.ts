import type { Priority } from '../../call/priority.js';
import { LinkedList } from './linked-list.js';
import type { Request } from './request.js';

const HIGH = 1;

/** The ready requests of a lane: five strict classes, FIFO inside each. */
export class ClassQueues {
  private readonly classes: Record<Priority, LinkedList<Request>> = {
    0: new LinkedList(),
    1: new LinkedList(),
    2: new LinkedList(),
    3: new LinkedList(),
    4: new LinkedList(),
  };
  private lastPlace = 0;

  /** At the tail of its class. */
  push(request: Request): void {
    this.lastPlace += 1;
    request.place = this.lastPlace;
    request.link = this.classes[request.priority].push(request);
  }

  /** Where it stood before it was handed out. */
  restore(request: Request): void {
    request.link = this.classes[request.priority].restore(request, ({ place }) => place > request.place);
  }

  remove(request: Request): void {
    if (request.link) this.classes[request.priority].remove(request.link);
    request.link = undefined;
  }

  /** The next to be handed out, taken out. */
  take(): Request | undefined {
    const { 0: critical, 1: high, 2: medium, 3: low, 4: bulk } = this.classes;
    const request = critical.shift() ?? high.shift() ?? medium.shift() ?? low.shift() ?? bulk.shift();
    if (request) request.link = undefined;
    return request;
  }

  /** The first of each class below HIGH, the oldest first. */
  oldestBelowHigh(): readonly Request[] {
    const heads: Request[] = [];
    for (let priority = HIGH + 1; priority <= 4; priority += 1) {
      const head = this.classes[priority as Priority].first;
      if (head) heads.push(head);
    }
    return heads.sort((one, other) => one.seq - other.seq);
  }
}
