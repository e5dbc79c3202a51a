// A bridge that lacks something, for the checker to find: `weakened-bridge.ts <weakness> <arguments of the bridge>`.
import { loadConfig } from '../../../src/config/load-config.js';
import { createApp } from '../../../src/create-app.js';
import { parseCommandLine } from '../../../src/launch/command-line.js';
import { serve } from '../../../src/launch/serve.js';
import { CLUSTER_TIMES } from '../../../src/queue/bullmq/cluster-times.js';
import { GATE_TIMES } from '../../../src/queue/bullmq/gate-times.js';
import { QueueModule } from '../../../src/queue/queue.module.js';
import { WorkQueue } from '../../../src/queue/work-queue.js';
import { WeakenedQueue } from './weakened-queue.js';
import { type Weakness, WEAKNESSES, type WeaknessName } from './weakness.js';

interface FactoryProvider {
  readonly provide: unknown;
  useFactory(...injected: unknown[]): WorkQueue | Promise<WorkQueue>;
}

const [name, ...args] = process.argv.slice(2);
const weakness: Weakness = WEAKNESSES[name as WeaknessName];
Object.assign(CLUSTER_TIMES, weakness.times);
Object.assign(GATE_TIMES, weakness.gateTimes);
weaken(QueueModule);
const command = parseCommandLine(args);
if (command.kind !== 'serve') throw new Error('a weakened bridge only serves');
await serve(loadConfig(command.sources), createApp);

/** What the module provides is wrapped; how it is made stays the module's own. */
function weaken(module: typeof QueueModule): void {
  const providers = Reflect.getMetadata('providers', module) as FactoryProvider[];
  const wrapped = providers.map((provider) => {
    if (provider.provide !== WorkQueue) return provider;
    const useFactory = async (...injected: unknown[]) => new WeakenedQueue(await provider.useFactory(...injected), weakness);
    return { ...provider, useFactory };
  });
  Reflect.defineMetadata('providers', wrapped, module);
}
