import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { HomeAssistant } from './home-assistant.js';
import { mcpServerOf } from './mcp-server.js';
import { Resources } from './resources.js';
import { readSettings, type Settings, SettingsError } from './settings.js';

const WRITES_SETTLE_WITHIN_MS = 2000;
const UNREADABLE_SETTINGS = 2;

const house = new HomeAssistant(settingsOrExit());
if (house.isDemo) log('warn', 'demo house: no real device is behind it');
serveStdio(mcpServerOf(house, new Resources(house)), { onerror: (error) => log('error', error.message) });

process.stdin.once('end', leave);
process.once('SIGTERM', leave);

function leave(): void {
  void house.connection.stop(WRITES_SETTLE_WITHIN_MS).then(() => process.exit(0));
}

function settingsOrExit(): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    log('fatal', error.message);
    process.exit(UNREADABLE_SETTINGS);
  }
}

/** stdout carries the protocol; whatever else is to be said goes here. */
function log(level: string, message: string): void {
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), name: 'home-assistant-server', message })}\n`);
}
