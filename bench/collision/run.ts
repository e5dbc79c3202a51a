// `npm run demo:collision`: twenty toggles of one lamp at once, sent to Home Assistant as they are and through the bridge.
import { parseArgs } from 'node:util';
import { CannotRun } from '../../test/home-assistant/installation.js';
import { isVersion, VERSIONS } from '../../test/home-assistant/versions.js';
import { aProcess } from '../../test/support/a-process.js';
import { HouseClient } from '../../test/support/house-client.js';
import { demoHouse, freshHouse, houseAt, type OpenHouse } from './houses.js';
import { collide, type Collision } from './toggles.js';

const HELP = `npm run demo:collision -- [options]

Sends 20 light.toggle of one lamp at once, directly and through the bridge, and shows side by side what the lamp did.
Without options on the demo house, in about ten seconds.

  --real version            on a real Home Assistant that is installed for it (${Object.keys(VERSIONS).join(', ')})
  --url url --token-file f  on your own house, with --entity: the lamp will be toggled, then left as it was
  --entity id               the lamp (default light.salon_lamp)
  --toggles n               how many (default 20)
  --help
`;

// Whoever started a house ends it when we do.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { values } = parseArgs({
  options: {
    real: { type: 'string' },
    url: { type: 'string' },
    'token-file': { type: 'string' },
    entity: { type: 'string' },
    toggles: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
});
const entity = values.entity ?? 'light.salon_lamp';
const times = Number(values.toggles);

if (values.help) console.log(HELP);
else {
  try {
    process.exitCode = await run(await chosenHouse());
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

function chosenHouse(): Promise<OpenHouse> {
  const { real, url, 'token-file': tokenFile } = values;
  if (!(Number.isInteger(times) && times > 0)) throw new CannotRun('--toggles must be a whole number above 0');
  if (real !== undefined && !isVersion(real)) throw new CannotRun(`--real must be one of ${Object.keys(VERSIONS).join(', ')}`);
  if (real !== undefined) return freshHouse(real);
  if (url === undefined) return demoHouse();
  if (tokenFile === undefined || values.entity === undefined) throw new CannotRun('--url needs --token-file and --entity');
  return Promise.resolve(houseAt(url, tokenFile));
}

/** 0 when the bridge kept its promise: as many changes as toggles. */
async function run(house: OpenHouse): Promise<number> {
  const client = await HouseClient.join(house);
  console.log(`${times} × light.toggle of ${entity}, sent at once; ${house.about}\n`);
  try {
    const direct = await collide(
      client,
      entity,
      times,
      async () => (await client.call('light.toggle', { entity_id: entity })).success === true,
    );
    if (direct.after !== direct.before) await client.call(`light.turn_${direct.before}`, { entity_id: entity });
    const bridged = await throughTheBridge(house, client);
    console.log(table(direct, bridged));
    return bridged.changes === times ? 0 : 1;
  } finally {
    await client.close();
    await house.close();
  }
}

async function throughTheBridge({ url, token }: OpenHouse, client: HouseClient): Promise<Collision> {
  const bridge = await aProcess(['--config', '{"rate_limiting":{"enabled":false}}'], { HASS_URL: url, HASS_TOKEN: token });
  const body = JSON.stringify({ name: 'call_service', arguments: { domain: 'light', service: 'toggle', entity_id: entity } });
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
  try {
    return await collide(client, entity, times, async () => {
      const response = await fetch(`${bridge.url}/mcp/tools/call`, init);
      return response.ok && !((await response.json()) as { isError: boolean }).isError;
    });
  } finally {
    await bridge.stop();
  }
}

function table(direct: Collision, bridged: Collision): string {
  const rows: [string, (side: Collision) => string][] = [
    ['answered with success', ({ answeredWithSuccess }) => `${answeredWithSuccess} of ${times}`],
    ['changes of the lamp', ({ changes }) => String(changes)],
    ['the lamp before, after', ({ before, after }) => `${before}, ${after}`],
    ['took', ({ tookMs }) => `${(tookMs / 1000).toFixed(1)} s`],
  ];
  const line = (...cells: string[]) =>
    cells
      .map((cell) => cell.padEnd(26))
      .join('')
      .trimEnd();
  return [line('', 'to Home Assistant', 'through the bridge'), ...rows.map(([name, show]) => line(name, show(direct), show(bridged)))].join(
    '\n',
  );
}
