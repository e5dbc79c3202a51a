import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** A Prometheus of one's own with the configuration and the rules that are shipped; only whom it asks, and how often, is ours. */
export interface Prometheus {
  /** @throws with what Prometheus says of the expression */
  ask(expression: string): Promise<readonly Sample[]>;
  rules(): Promise<readonly Rule[]>;
  close(): Promise<void>;
}

const START_MS = 60_000;
const EVERY = '1s';

/** @param targets `host:port` of each replica  @param key that opens their `/metrics` */
export async function aPrometheus(targets: readonly string[], key: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const file = join(folder, 'prometheus.yaml');
  writeFileSync(file, configuration(targets, key));
  const port = await freePort();
  const options = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn('prometheus', [...options, '--log.level=error'], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string): Promise<any> => {
    const { status, data, error } = (await (await fetch(url + path)).json()) as any;
    if (status !== 'success') throw new Error(`${error} in ${decodeURIComponent(path)}`);
    return data;
  };
  const close = async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(() => isReady(url), Boolean, START_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ask: async (expression) => {
      const { result } = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      return result.map(({ metric, value }: any) => ({ metric, value: Number(value[1]) }));
    },
    rules: async () => (await get('/api/v1/rules')).groups.flatMap(({ rules }: any) => rules),
    close,
  };
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function configuration(targets: readonly string[], key: string): string {
  const shipped = parse(readFileSync('docker/prometheus/prometheus.yaml', 'utf8'));
  const [{ job_name: name }] = shipped.scrape_configs;
  return stringify({
    ...shipped,
    global: { ...shipped.global, scrape_interval: EVERY, scrape_timeout: EVERY, evaluation_interval: EVERY },
    rule_files: shipped.rule_files.map((path: string) => resolve('docker/prometheus', path)),
    scrape_configs: [{ job_name: name, authorization: { credentials: key }, static_configs: [{ targets }] }],
  });
}
