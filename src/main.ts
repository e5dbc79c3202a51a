#!/usr/bin/env node
import cluster from 'node:cluster';
import { ConfigError } from './config/config-error.js';
import { type ConfigSources, loadConfig } from './config/load-config.js';
import { type Command, parseCommandLine } from './launch/command-line.js';
import { checkConfig, type CommandResult, help, misused, newKey, printConfig, refused, unavailable, version } from './launch/commands.js';
import { ListenError } from './launch/listen-error.js';
import { startProblems } from './launch/start-problems.js';
import { keepYoungSpaceSmall } from './launch/young-space.js';

const LEFTOVERS_MS = 2_000;

const result = await run(parseCommandLine(process.argv.slice(2)));
if (result.stdout) process.stdout.write(result.stdout);
if (result.stderr) process.stderr.write(result.stderr);
process.exitCode = result.exitCode;
// its line to the parent would keep it
if (cluster.isWorker) process.exit();
// all that is ours is closed; a connection that a library opened anew meanwhile would keep the process
setTimeout(() => process.exit(), LEFTOVERS_MS).unref();

async function run(command: Command): Promise<CommandResult> {
  switch (command.kind) {
    case 'help':
      return help();
    case 'version':
      return version();
    case 'key_new':
      return newKey();
    case 'config_check':
      return checkConfig(command.sources);
    case 'config_print':
      return printConfig(command.sources);
    case 'misused':
      return misused(command.message);
    case 'serve':
      return serve(command.sources);
    default:
      return command satisfies never;
  }
}

/** The application is loaded only now: the small commands answer at once. */
async function serve(sources: ConfigSources): Promise<CommandResult> {
  keepYoungSpaceSmall();
  try {
    const loaded = loadConfig(sources, startProblems);
    if (cluster.isPrimary && loaded.config.bridge.workers > 1) {
      const { serveWithWorkers } = await import('./launch/serve-with-workers.js');
      return { exitCode: await serveWithWorkers(loaded) };
    }
    const [{ serve: serveUntilSignal }, { createApp }] = await Promise.all([import('./launch/serve.js'), import('./create-app.js')]);
    await serveUntilSignal(loaded, createApp);
    return { exitCode: 0 };
  } catch (error) {
    if (error instanceof ConfigError) return refused(error);
    if (error instanceof ListenError) return unavailable(error);
    throw error;
  }
}
