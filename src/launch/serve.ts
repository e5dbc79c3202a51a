import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { checkDoor, OPEN_DOOR } from '../access/open-door.js';
import { demoHouseVariables, wantsDemoHouse, withHouse } from '../config/built-in-upstream.js';
import type { Config } from '../config/config.js';
import type { LoadedConfig } from '../config/load-config.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { answerScrapes } from '../metrics/worker-scrape.js';
import { DemoHouse } from './demo-house.js';
import { onEndSignals } from './end-signals.js';
import { ListenError } from './listen-error.js';
import { Shutdown } from './shutdown.js';
import { obeyParent } from './worker-orders.js';
import { letYoungSpaceGrow } from './young-space.js';

type CreateApp = (config: Config, secrets: readonly string[]) => Promise<NestExpressApplication>;

const REMIND_MS = 60_000;

/**
 * The main job: serves until a signal ends it, and resolves with everything ended.
 * @throws ConfigError before anything was started
 * @throws ListenError
 */
export async function serve(loaded: LoadedConfig, createApp: CreateApp): Promise<void> {
  const warnings = [...loaded.warnings, ...checkDoor(loaded.config)];
  const house = wantsDemoHouse(loaded.config) ? await DemoHouse.start({ env: demoHouseVariables() }) : undefined;
  try {
    const config = house ? withHouse(loaded.config, house) : loaded.config;
    const app = await createApp(config, loaded.secrets);
    const logger = app.get(BridgeLogger);
    for (const warning of warnings) logger.warn(warning);
    if (house) logger.warn('No HASS_URL and no HASS_TOKEN: serving the demo house');
    const endScrapes = cluster.isWorker ? answerScrapes() : undefined;
    await listen(app, config, logger);
    letYoungSpaceGrow();
    announce(app, config, logger);
    remind(warnings, logger);
    await ended(app, config, logger);
    endScrapes?.();
    await logger.close();
  } finally {
    await house?.close();
  }
}

/** @throws ListenError with everything that was started ended */
async function listen(app: NestExpressApplication, { bridge }: Config, logger: BridgeLogger): Promise<void> {
  try {
    await app.listen(bridge.port, bridge.host);
  } catch (cause) {
    await app.close();
    await logger.close();
    throw new ListenError(bridge.host, bridge.port, cause);
  }
}

function announce(app: NestExpressApplication, { bridge, upstreams }: Config, logger: BridgeLogger): void {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const host = bridge.host.includes(':') ? `[${bridge.host}]` : bridge.host;
  const url = `http://${host}:${port}`;
  logger.event('INFO', `Listening on ${url}, documentation at ${url}/docs`, { url, upstreams: upstreams.map(({ name }) => name) });
}

function remind(warnings: readonly string[], logger: BridgeLogger): void {
  if (warnings.includes(OPEN_DOOR)) setInterval(() => logger.warn(OPEN_DOOR), REMIND_MS).unref();
}

/** The first signal starts the shutdown, a second one ends its waiting. */
async function ended(app: NestExpressApplication, config: Config, logger: BridgeLogger): Promise<void> {
  const shutdown = new Shutdown(app);
  await new Promise<void>((resolve, reject) => {
    const leave = (why: string) => {
      logger.event('INFO', `${why}: shutting down`);
      shutdown.run().then(resolve, reject);
    };
    if (cluster.isWorker) obeyParent(leave);
    else onEndSignals(config, leave);
  });
}
