import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '../call/clock.js';
import { packagePath } from '../config/package-path.js';
import { ChildWarden } from '../session-pool/child-warden.js';

export interface DemoHouseOptions {
  readonly program?: string;
  /** Added to the little that the program needs; never the bridge's own secrets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

const LISTEN_WITHIN_MS = 10_000;
const END_WITHIN_MS = 2000;
const LONGEST_PAUSE_MS = 5000;

/** The demo house: one process for all children of the pool, so that a lamp switched by one is seen by all. */
export class DemoHouse {
  private child: ChildProcess | undefined;
  private deaths = 0;
  private closed = false;
  private cancelRestart: () => void = () => undefined;
  private readonly warden: ChildWarden;

  private constructor(
    private readonly program: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly clock: Clock,
    private address: Address,
  ) {
    this.warden = new ChildWarden(clock);
  }

  /** Resolves when the house listens on loopback; rejects when it does not within 10 s. */
  static async start(options: DemoHouseOptions = {}): Promise<DemoHouse> {
    const program = options.program ?? packagePath('dist/home-assistant-server/demo/main.js');
    const house = new DemoHouse(program, options.env ?? {}, options.clock ?? systemClock, { url: '', token: '' });
    try {
      await house.open(['--port', '0']);
      return house;
    } catch (error) {
      await house.close();
      throw error;
    }
  }

  get url(): string {
    return this.address.url;
  }

  get token(): string {
    return this.address.token;
  }

  /** Resolves when the process is gone. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelRestart();
    if (this.child) await end(this.child, this.clock);
    this.warden.close();
  }

  private async open(args: readonly string[]): Promise<void> {
    // a group of its own: Ctrl-C in a terminal must not end the house before the calls that still need it
    const child = this.warden.guard((mark) =>
      spawn(process.execPath, [this.program, ...args], {
        env: { ...this.env, ...mark },
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    this.child = child;
    child.once('exit', () => this.warden.release(child));
    try {
      this.address = await addressOf(child, this.clock);
    } catch (error) {
      await end(child, this.clock);
      throw error;
    }
    child.once('exit', () => this.reopenLater());
    if (hasEnded(child)) this.reopenLater();
  }

  /** At the same address with the same token: the pool's children know no other. */
  private reopenLater(): void {
    if (this.closed) return;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** this.deaths);
    this.deaths += 1;
    const { port } = new URL(this.address.url);
    this.cancelRestart = this.clock.after(pauseMs, () => {
      this.open(['--port', port, '--token', this.address.token]).catch(() => this.reopenLater());
    });
  }
}

interface Address {
  readonly url: string;
  readonly token: string;
}

/** The first line that the program prints says where it listens; the rest of its output is read and dropped. */
function addressOf(child: ChildProcess, clock: Clock): Promise<Address> {
  return new Promise((resolve, reject) => {
    const late = clock.after(LISTEN_WITHIN_MS, () => reject(new Error(`The demo house did not listen within ${LISTEN_WITHIN_MS} ms`)));
    const fail = (error: Error) => {
      late();
      reject(error);
    };
    child.once('error', (cause) => fail(new Error('The demo house could not be started', { cause })));
    child.once('exit', (code, signal) =>
      fail(new Error(`The demo house ended before it listened (${signal ?? `exit code ${code ?? '?'}`})`)),
    );
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = parseAddress(line);
      if (!address) return;
      late();
      resolve(address);
    });
  });
}

function parseAddress(line: string): Address | undefined {
  try {
    const { url, token } = JSON.parse(line) as Partial<Record<string, unknown>>;
    return typeof url === 'string' && typeof token === 'string' && URL.canParse(url) ? { url, token } : undefined;
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess, clock: Clock): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const cancel = clock.after(END_WITHIN_MS, () => child.kill('SIGKILL'));
  await gone;
  cancel();
}

/** A process that could not be started never had an id, and never exits. */
function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
