import { createHash, randomBytes } from 'node:crypto';
import { VERSION } from '../call/version.js';
import { ConfigError } from '../config/config-error.js';
import { printedConfig } from '../config/config-print.js';
import { type ConfigSources, type LoadedConfig, loadConfig } from '../config/load-config.js';
import type { ListenError } from './listen-error.js';
import { startProblems } from './start-problems.js';

/** As in sysexits.h. */
export const EXIT_MISUSED = 64;
export const EXIT_BAD_CONFIG = 78;
/** Not a matter of the configuration alone: the port may be free, or the interface up, a minute later. */
export const EXIT_CANNOT_LISTEN = 69;

/** What a command that does not serve says, and how it ends. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export function help(): CommandResult {
  return { exitCode: 0, stdout: HELP };
}

export function version(): CommandResult {
  return { exitCode: 0, stdout: `${VERSION}\n` };
}

export function misused(message: string): CommandResult {
  return { exitCode: EXIT_MISUSED, stderr: `http-mcp-bridge: ${message}\nSee http-mcp-bridge --help\n` };
}

/** A key of 256 random bits, its hash, and where the hash goes. The key itself is kept nowhere. */
export function newKey(): CommandResult {
  const key = randomBytes(32).toString('base64url');
  const sha256 = createHash('sha256').update(key).digest('hex');
  const stdout = `key:    ${key}
sha256: ${sha256}

Give the key to the caller (Authorization: Bearer …) and the hash to the bridge:

access:
  keys:
    - name: my-program
      sha256: ${sha256}
`;
  return { exitCode: 0, stdout };
}

export function checkConfig(sources: ConfigSources): CommandResult {
  return withConfig(
    () => loadConfig(sources, startProblems),
    ({ config }) => `The configuration is right. Upstreams: ${config.upstreams.map(({ name }) => name).join(', ')}\n`,
  );
}

export function printConfig(sources: ConfigSources): CommandResult {
  return withConfig(() => loadConfig(sources), printedConfig);
}

/** The result of a configuration that cannot be used: one problem a line. */
export function refused(error: ConfigError): CommandResult {
  return { exitCode: EXIT_BAD_CONFIG, stderr: `${error.message}\n` };
}

/** The result of an address that could not be bound. */
export function unavailable(error: ListenError): CommandResult {
  return { exitCode: EXIT_CANNOT_LISTEN, stderr: `http-mcp-bridge: ${error.message}\n` };
}

function withConfig(load: () => LoadedConfig, say: (loaded: LoadedConfig) => string): CommandResult {
  try {
    const loaded = load();
    const stderr = loaded.warnings.map((warning) => `warning: ${warning}\n`).join('');
    return { exitCode: 0, stdout: say(loaded), stderr };
  } catch (error) {
    if (error instanceof ConfigError) return refused(error);
    throw error;
  }
}

const HELP = `http-mcp-bridge: an HTTP service in front of stdio MCP servers

  http-mcp-bridge [flags]                        serve what the configuration names
  http-mcp-bridge [flags] -- command [args…]     serve one server, called default
  http-mcp-bridge key new                        make an API key and its hash
  http-mcp-bridge config check [flags]           tell everything that is wrong with a configuration
  http-mcp-bridge config print [flags]           show the configuration that results, without secrets

  -c, --config <file>   YAML, or a JSON file with mcpServers, or that JSON itself; repeatable, the last word wins
      --host <address>  where to listen (bridge.host)
      --port <number>   where to listen (bridge.port)
  -h, --help            this text
      --version         the version

Every key may also be set by a variable: BRIDGE__QUEUE__MAX_SIZE=500. See docs/configuration.md.
Without a configuration it serves the Home Assistant of HASS_URL and HASS_TOKEN, or a demo house (HASS_DEMO=off: none).

Exit codes: 64 wrong flags, 69 the address cannot be listened on, 78 wrong configuration.
`;
