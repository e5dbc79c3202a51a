import { mkdtempSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { CHART, type Values } from '../chart/chart-kit.js';
import { get } from './kubectl.js';
import type { Machine } from './machine.js';

const NAME = 'home';
const PATIENCE = '120s';

/** The chart, installed as `home` in a namespace of its own; each step waits for what it made to be up. */
export class Release {
  constructor(
    private readonly machine: Machine,
    readonly namespace: string,
  ) {}

  install(values: Values): Promise<string> {
    return this.helm('install', NAME, resolve(CHART), '--create-namespace', ...this.with(values), ...WAITING);
  }

  upgrade(values: Values): Promise<string> {
    return this.helm('upgrade', NAME, resolve(CHART), ...this.with(values), ...WAITING);
  }

  /** To the revision before. */
  rollback(): Promise<string> {
    return this.helm('rollback', NAME, ...WAITING);
  }

  /** @returns what the test pod printed */
  test(): Promise<string> {
    return this.helm('test', NAME, '--logs', '--timeout', PATIENCE);
  }

  uninstall(): Promise<string> {
    return this.helm('uninstall', NAME, ...WAITING);
  }

  /** Pods of the bridge itself. */
  async pods(): Promise<readonly any[]> {
    const { items } = await get(this.machine, 'pods', '-n', this.namespace, '-l', 'app.kubernetes.io/name=http-mcp-bridge');
    return items;
  }

  /** Of them those that stay: others may still be leaving. */
  async stayingPods(): Promise<readonly any[]> {
    return (await this.pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** Everything in a secret that the release made, by key. */
  async secret(name: string): Promise<Record<string, string>> {
    const { data } = await get(this.machine, 'secret', '-n', this.namespace, `${NAME}-http-mcp-bridge-${name}`);
    return Object.fromEntries(Object.entries(data as Record<string, string>).map(([key, value]) => [key, atob(value)]));
  }

  private with(values: Values): readonly string[] {
    const file = join(mkdtempSync(join(this.machine.folder, 'values-')), 'values.yaml');
    writeFileSync(file, stringify(values));
    return ['-f', file];
  }

  /** @throws Error with what Helm said, and what happened to the pods of the release meanwhile */
  private async helm(verb: string, ...args: readonly string[]): Promise<string> {
    try {
      return await this.machine.run('helm', verb, '-n', this.namespace, ...args);
    } catch (cause) {
      const events = await this.machine.run('kubectl', 'events', '-n', this.namespace, '--types', 'Warning');
      throw new Error(`${String(cause)}\n${events}`, { cause });
    }
  }
}

const WAITING = ['--wait', '--timeout', PATIENCE];
