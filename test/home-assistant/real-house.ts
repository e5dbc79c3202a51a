import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { configurationFiles } from './configuration.js';
import { moveIn, onboard, type Tokens } from './onboarding.js';

const STARTS_WITHIN_MS = 180_000;
const ENDS_WITHIN_MS = 20_000;
/** With it Home Assistant leaves its restart to whoever started it. */
const EXIT_TO_RESTART = 100;

export interface StartTimes {
  readonly httpMs: number;
  readonly runningMs: number;
  /** With rooms, users and tokens. */
  readonly readyMs: number;
}

/** A Home Assistant of its own, in a new folder, on a free port: always a first start. */
export class RealHouse {
  private child: ChildProcess | undefined;
  private ended = false;
  private failed: string | undefined;
  private tokens: Tokens = { token: '', plainToken: '' };
  times: StartTimes = { httpMs: 0, runningMs: 0, readyMs: 0 };

  private constructor(
    private readonly python: string,
    private readonly port: number,
    readonly folder: string,
  ) {}

  /** @throws Error with the end of its log when it does not come up */
  static async start(python: string): Promise<RealHouse> {
    const folder = mkdtempSync(join(tmpdir(), 'home-assistant-'));
    const house = new RealHouse(python, await freePort(), folder);
    try {
      await house.open();
      return house;
    } catch (error) {
      const log = house.log().trim().split('\n').slice(-20).join('\n');
      await house.stop();
      throw new Error(`Home Assistant did not start: ${String(error)}\n${log}`, { cause: error });
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get token(): string {
    return this.tokens.token;
  }

  get plainToken(): string {
    return this.tokens.plainToken;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  log(): string {
    return readFileSync(join(this.folder, 'output.log'), 'utf8');
  }

  /** Resolves when the process is gone and nothing of it is left. */
  async stop(): Promise<void> {
    this.ended = true;
    const { child } = this;
    if (child?.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
      await gone;
      clearTimeout(patience);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async open(): Promise<void> {
    const startedMs = performance.now();
    const sinceStartMs = () => Math.round(performance.now() - startedMs);
    for (const [name, text] of Object.entries(configurationFiles(this.port))) writeFileSync(join(this.folder, name), text);
    this.launch();
    await this.until(async () => (await fetch(`${this.url}/api/onboarding`)).ok);
    const httpMs = sinceStartMs();
    const admin = await onboard(this.url);
    await this.until(async () => (await this.stateOf(admin)) === 'RUNNING');
    const runningMs = sinceStartMs();
    this.tokens = await moveIn(this.url, admin);
    this.times = { httpMs, runningMs, readyMs: sinceStartMs() };
  }

  private launch(): void {
    const log = openSync(join(this.folder, 'output.log'), 'a');
    const env = { PATH: process.env.PATH, HOME: this.folder, LANG: 'C.UTF-8' };
    const child = spawn(this.python, ['-m', 'homeassistant', '-c', this.folder, '--skip-pip'], { env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.child = child;
    const leave = () => this.leave(child);
    process.once('exit', leave);
    child.once('error', (error) => (this.failed = error.message));
    child.once('exit', (code) => {
      process.off('exit', leave);
      if (code === EXIT_TO_RESTART && !this.ended) this.launch();
      else this.failed = `it ended with ${code ?? 'a signal'}`;
    });
  }

  /** We end in a hurry, and nobody is going to look at this house again. */
  private leave(child: ChildProcess): void {
    child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async until(isSo: () => Promise<boolean>): Promise<void> {
    const look = async () => this.failed ?? (await isSo().catch(() => false));
    const seen = await eventually(look, Boolean, STARTS_WITHIN_MS);
    if (typeof seen === 'string') throw new Error(seen);
  }

  private async stateOf(token: string): Promise<string> {
    const response = await fetch(`${this.url}/api/config`, { headers: { authorization: `Bearer ${token}` } });
    return ((await response.json()) as { state: string }).state;
  }
}
