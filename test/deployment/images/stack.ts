import { spawnSync } from 'node:child_process';
import { docker } from './docker.js';

/** One of the stacks as shipped, on free ports, without Grafana, which no registry of this machine has. */
export class Stack {
  constructor(
    private readonly files: readonly string[],
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  up(...options: readonly string[]): void {
    this.compose('up', '-d', '--wait', '--wait-timeout', '180', '--scale', 'grafana=0', ...options);
  }

  /** Where a published port is reached. */
  url(service: string, port: number): string {
    return `http://${this.compose('port', service, String(port))}`;
  }

  exec(service: string, ...command: readonly string[]): string {
    return this.compose('exec', '-T', service, ...command);
  }

  containers(service: string): readonly string[] {
    return this.compose('ps', '-q', service).split('\n');
  }

  stopOne(service: string): void {
    docker('stop', '--time', '90', this.containers(service)[0]!);
  }

  down(): void {
    this.compose('--profile', '*', 'down', '-v', '--timeout', '20');
  }

  compose(...args: readonly string[]): string {
    const files = this.files.flatMap((file) => ['-f', file]);
    const { status, stdout, stderr } = spawnSync('/usr/bin/docker', ['compose', '--env-file', 'docker/demo.env', ...files, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...PORTS, ...this.variables },
    });
    if (status !== 0) throw new Error(`docker compose ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }
}

const PORTS = Object.fromEntries(
  ['BRIDGE', 'METRICS', 'REDIS', 'HOUSE', 'PROMETHEUS', 'GRAFANA'].map((name) => [`${name}_PUBLISHED_PORT`, '0']),
);
