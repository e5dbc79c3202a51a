import { stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { hashOf } from '../call/canonical-json.js';
import { inheritedEnvironment } from '../config/inherited-environment.js';
import type { UpstreamConfig } from './upstream.config.js';

export type Era = '2025' | '2026';

/** What is remembered about a server's era, by fingerprint; shared by replicas, so both ways may take time. */
export interface EraVerdicts {
  /** Undefined: unknown, or due to be tried again. */
  get(fingerprint: string): Promise<Era | undefined>;
  remember(fingerprint: string, era: Era): Promise<void>;
}

/** Changes with whatever may change the server: how it is called, its environment, the program and files it names. */
export async function fingerprintOf({ command, args, cwd, env }: UpstreamConfig): Promise<string> {
  const directory = cwd ?? '.';
  const changedAt = await Promise.all([programTime(command, directory), ...args.map((arg) => fileTime(resolve(directory, arg)))]);
  return hashOf({ command, args, cwd: cwd ?? null, env: hashOf(env), changedAt });
}

async function programTime(command: string, directory: string): Promise<number> {
  if (isAbsolute(command) || command.includes('/')) return fileTime(resolve(directory, command));
  const folders = (inheritedEnvironment().PATH ?? '').split(delimiter);
  const times = await Promise.all(folders.map((folder) => fileTime(join(folder, command))));
  return times.find((time) => time !== 0) ?? 0;
}

/** 0 for what is no file, or none that we may look at. */
async function fileTime(path: string): Promise<number> {
  return stat(path).then(
    (found) => (found.isFile() ? found.mtimeMs : 0),
    () => 0,
  );
}
