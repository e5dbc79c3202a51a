import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { baseImage } from './base-image.mjs';
import { command } from './command.mjs';
import { say } from './progress.mjs';
import { systemCommand } from './system-packages.mjs';

const PATIENCE_MS = 60_000;

/**
 * A Docker engine of its own: own data, own socket; the host's firewall and forwarding stay as they are. Containers of one
 * network reach each other by name and are published on loopback; they have no way out.
 * Sets DOCKER_HOST and DOCKER_CONFIG of this process, so that `docker` means this engine.
 */
export class DockerEngine {
  static async start() {
    for (const [program, debianPackage] of [
      ['dockerd', 'docker.io'],
      ['iptables', 'iptables'],
    ])
      systemCommand(program, debianPackage)();
    const base = await baseImage();
    const folder = mkdtempSync(join(tmpdir(), 'docker-'));
    const engine = new DockerEngine(folder);
    try {
      await engine.untilUp();
      engine.configure(base);
      say('importing the base image');
      const trust = ['-c', 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt', '-c', 'CMD ["node"]'];
      command('/usr/bin/docker', ['import', ...trust, join(base, 'base.tar'), 'node:24-trixie-slim']);
      return engine;
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  constructor(folder) {
    this.folder = folder;
    this.hadBridge = existsSync('/sys/class/net/docker0');
    const log = openSync(join(folder, 'log'), 'a');
    const paths = [
      '--data-root',
      join(folder, 'data'),
      '--exec-root',
      join(folder, 'exec'),
      '-H',
      `unix://${join(folder, 'socket')}`,
      '-p',
      join(folder, 'pid'),
    ];
    const quiet = ['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false'];
    this.process = spawn('dockerd', [...paths, ...quiet], { stdio: ['ignore', log, log] });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    closeSync(log);
  }

  async untilUp() {
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (!existsSync(join(this.folder, 'socket')) || !this.answers()) {
      if (this.process.exitCode !== null || performance.now() > giveUpAt) throw new Error(`dockerd does not start:\n${this.lastWords()}`);
      await pause(100);
    }
  }

  configure(base) {
    const config = join(this.folder, 'config');
    mkdirSync(config);
    symlinkSync(join(base, 'cli-plugins'), join(config, 'cli-plugins'));
    Object.assign(process.env, { DOCKER_HOST: `unix://${join(this.folder, 'socket')}`, DOCKER_CONFIG: config, DOCKER_BUILDKIT: '1' });
  }

  /** Nothing of it is left. */
  async stop() {
    this.process.kill('SIGTERM');
    await Promise.race([this.ended, pause(30_000)]);
    if (!this.hadBridge) command('sh', ['-c', 'ip link del docker0 2>/dev/null || true']);
    command('sh', ['-c', 'umount "$1"/exec/netns/* 2>/dev/null || true', 'sh', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  answers() {
    try {
      command('curl', ['-sf', '--unix-socket', join(this.folder, 'socket'), 'http://docker/_ping']);
      return true;
    } catch {
      return false;
    }
  }

  lastWords() {
    return readFileSync(join(this.folder, 'log'), 'utf8').trim().split('\n').slice(-5).join('\n');
  }
}
