import { checkDoor } from '../access/open-door.js';
import { demoHouseVariables, wantsDemoHouse } from '../config/built-in-upstream.js';
import type { LoadedConfig } from '../config/load-config.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { configuredSecrets } from '../logging/configured-secrets.js';
import { Redactor } from '../logging/redactor.js';
import { MetricsListener } from '../metrics/metrics-listener.js';
import { WorkerScrape } from '../metrics/worker-scrape.js';
import { DemoHouse } from './demo-house.js';
import { onEndSignals } from './end-signals.js';
import { Workers } from './workers.js';

/**
 * The parent of several workers: it serves nothing but their metrics, and what they must not each have, a demo house.
 * @returns the exit code, when all have ended
 * @throws ConfigError before anything was started
 */
export async function serveWithWorkers({ config, secrets }: LoadedConfig): Promise<number> {
  // makes the key files that all of them read; what it warns of, they say themselves
  checkDoor(config);
  const { bridge, logging, audit } = config;
  const logger = new BridgeLogger(logging, new Redactor([...configuredSecrets(config), ...secrets]), { debug: bridge.debug });
  const house = wantsDemoHouse(config) ? await DemoHouse.start({ env: demoHouseVariables() }) : undefined;
  const workers = new Workers(bridge.workers, house ? { HASS_URL: house.url, HASS_TOKEN: house.token } : {}, logger);
  const metrics = new MetricsListener(config, new WorkerScrape());
  onEndSignals(config, () => workers.leave());
  if (logging.file !== undefined || audit.file !== undefined) process.on('SIGHUP', () => workers.signal('SIGHUP'));
  try {
    await metrics.onApplicationBootstrap();
    return await workers.run();
  } finally {
    await metrics.onApplicationShutdown();
    await house?.close();
    await logger.close();
  }
}
