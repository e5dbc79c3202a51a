import type { Config } from '../config/config.js';

/** What ends a process that people or a supervisor started. */
export function onEndSignals({ logging, audit }: Config, leave: (signal: string) => void): void {
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  // with a file it means that a rotation has moved it; without one, that the terminal is gone
  if (logging.file === undefined && audit.file === undefined) process.on('SIGHUP', leave);
}
