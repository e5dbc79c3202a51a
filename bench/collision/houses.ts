import { readFileSync } from 'node:fs';
import { DemoHouse } from '../../src/home-assistant-server/demo/demo-house.js';
import { DemoServer } from '../../src/home-assistant-server/demo/server.js';
import { installed } from '../../test/home-assistant/installation.js';
import { RealHouse } from '../../test/home-assistant/real-house.js';
import type { Version } from '../../test/home-assistant/versions.js';
import type { HouseAddress } from '../../test/support/house-client.js';

export interface OpenHouse extends HouseAddress {
  readonly about: string;
  close(): Promise<void>;
}

/** Long enough for calls sent at once to meet in the lamp. */
const LAMP_ACTION_MS = 300;

export async function demoHouse(): Promise<OpenHouse> {
  const token = 'demo-of-the-collision';
  const server = new DemoServer(new DemoHouse({ delayMs: LAMP_ACTION_MS }), token);
  const url = await server.listen(0);
  return { url, token, about: `the demo house; the action of a lamp takes ${LAMP_ACTION_MS} ms`, close: () => server.close() };
}

export async function freshHouse(version: Version): Promise<OpenHouse> {
  const house = await RealHouse.start(await installed(version));
  const about = `Home Assistant ${version}; the action of a lamp takes ${LAMP_ACTION_MS} ms`;
  return { url: house.url, token: house.token, about, close: () => house.stop() };
}

/** Somebody's own. The token comes from a file: other people of this machine can read command lines. */
export function houseAt(url: string, tokenFile: string): OpenHouse {
  const token = readFileSync(tokenFile, 'utf8').trim();
  return { url: url.replace(/\/+$/, ''), token, about: `the house at ${url}`, close: () => Promise.resolve() };
}
