const AT_MOST_EVERY_MS = 250;
const MAX_KEYS = 200;

/** Tells of changes: the first at once, those that follow gathered, a few times a second. */
export class ChangeNotices {
  private isOpen = false;
  private gathered: Set<string> | 'everything' = new Set();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (meta: Record<string, unknown>) => Promise<void>) {}

  /** From now on somebody listens. */
  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
  }

  keys(keys: readonly string[]): void {
    if (!this.isOpen) return;
    if (this.gathered !== 'everything') for (const key of keys) this.gathered.add(key);
    this.tell();
  }

  everything(): void {
    if (!this.isOpen) return;
    this.gathered = 'everything';
    this.tell();
  }

  private tell(): void {
    if (this.timer !== undefined) return;
    const { gathered } = this;
    this.gathered = new Set();
    if (gathered !== 'everything' && gathered.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.tell();
    }, AT_MOST_EVERY_MS).unref();
    const all = gathered === 'everything' || gathered.size > MAX_KEYS;
    void this.send(all ? { 'bridge/changed_all': true } : { 'bridge/changed': [...gathered] }).catch(() => undefined);
  }
}
