/** A place in a list; whoever holds it can leave from the middle in one step. */
export class Link<T> {
  previous?: Link<T>;
  next?: Link<T>;

  constructor(readonly value: T) {}
}

/**
 * FIFO whose members may leave at any time: thousands can wait, and no operation walks or shifts them. Nor does it keep
 * what has left: the tables that a busy Set outgrows hold on to each other, and to all that was in them, until a full collection.
 */
export class LinkedList<T> {
  private head?: Link<T>;
  private tail?: Link<T>;

  get first(): T | undefined {
    return this.head?.value;
  }

  push(value: T): Link<T> {
    return this.place(new Link(value), undefined);
  }

  /** Before the first member that is to come later than `value`; cheap for what belongs near the head. */
  restore(value: T, isLater: (member: T) => boolean): Link<T> {
    let successor = this.head;
    while (successor && !isLater(successor.value)) successor = successor.next;
    return this.place(new Link(value), successor);
  }

  /** Ends early when the member it is at leaves: copy before taking any out. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let link = this.head; link; link = link.next) yield link.value;
  }

  shift(): T | undefined {
    const first = this.head;
    if (first) this.remove(first);
    return first?.value;
  }

  /** @param link of this list, and still in it */
  remove(link: Link<T>): void {
    if (link.previous) link.previous.next = link.next;
    else this.head = link.next;
    if (link.next) link.next.previous = link.previous;
    else this.tail = link.previous;
    link.previous = undefined;
    link.next = undefined;
  }

  private place(link: Link<T>, successor: Link<T> | undefined): Link<T> {
    link.previous = successor ? successor.previous : this.tail;
    link.next = successor;
    if (link.previous) link.previous.next = link;
    else this.head = link;
    if (successor) successor.previous = link;
    else this.tail = link;
    return link;
  }
}
