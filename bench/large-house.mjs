// How the Home Assistant server does with a house of 5,000 entities: `npm run build && node bench/large-house.mjs [entities]`.
// One child over stdio, spoken to by the SDK's own client; the house is the demo house, grown. Prints size and
// time of each tool, and what it costs the child: that figure does not depend on who else uses the machine.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { DemoHouse } from '../dist/home-assistant-server/demo/demo-house.js';
import { DemoServer } from '../dist/home-assistant-server/demo/server.js';
import { newContext } from '../dist/home-assistant-server/demo/state.js';
import { placesOf } from '../dist/home-assistant-server/places.js';
import { cpuUs } from './process-cost.mjs';

const ROUNDS = 15;
const TOKEN = 'demo-of-the-bench';
const DOMAINS = ['sensor', 'light', 'switch', 'binary_sensor'];
const AUTOMATION = {
  id: 'bench',
  alias: 'Banc',
  trigger: [{ platform: 'state', entity_id: 'switch.tv' }],
  action: [{ service: 'light.turn_on', target: { entity_id: 'light.salon_lamp' } }],
};
const count = Number(process.argv[2] ?? 5000);

const demo = new DemoHouse();
const ids = growTo(count);
const server = new DemoServer(demo, TOKEN);
const { client, pid } = await aClient(await server.listen(0));

const one = ids[Math.floor(ids.length / 2)];
const calls = [
  ['get_entities', { limit: 500 }],
  ['get_entities', { limit: 500, offset: Math.max(0, count - 300) }],
  ['get_entities', { search: 'éléphant' }],
  ['get_entities', { area: 'Salon' }],
  ['get_entity_state', { entity_id: one }],
  ['get_entity_state', { entity_id: 'light.apareil_numero_2501' }],
  ['call_service', { domain: 'light', service: 'toggle', entity_id: 'light.salon_lamp' }],
  ['call_service', { domain: 'light', service: 'turn_on', entity_id: 'Appareil numéro 2501' }],
  ['get_services', {}],
  ['get_services', { domain: 'light', detail: 'fields' }],
  ['get_history', { entity_id: 'sensor.temperature_salon', hours: 240, limit: 5000 }],
  ['list_automations', { limit: 500 }],
  ['toggle_automation', { automation_id: 'coupure' }],
  ['create_automation', AUTOMATION],
];
const rows = [];
for (const [name, args] of calls) rows.push(await measured(labelOf(name, args), () => client.callTool({ name, arguments: args })));
for (const uri of ['hass://states', 'hass://lock-groups', 'hass://health'])
  rows.push(await measured(uri, () => client.readResource({ uri })));
rows.push(await measured('a table of areas and 1,000 devices', () => placesOf(registry(ids))));

console.log(`${count} entities and the 23 of the demo house, ${ROUNDS} calls each, Node ${process.version}\n`);
console.log('| call | bytes | first ms | p50 ms | max ms | CPU ms |\n|---|--:|--:|--:|--:|--:|');
for (const { what, bytes, firstMs, p50Ms, maxMs, cpuMs } of rows)
  console.log(`| \`${what}\` | ${bytes.toLocaleString('en')} | ${firstMs} | ${p50Ms} | ${maxMs} | ${cpuMs} |`);
const pages = await everyPage();
console.log(`\n${pages.length} pages lead to ${new Set(pages.flat()).size} entities, ${pages.flat().length} rows`);
await client.close();
await server.close();

function labelOf(name, args) {
  const shown = Object.entries(args).map(([key, value]) => `${key}: ${typeof value === 'object' ? '…' : value}`);
  return [name, ...(shown.length > 0 ? [shown.join(', ')] : [])].join(' · ');
}

async function aClient(url) {
  const env = { HASS_URL: url, HASS_TOKEN: TOKEN };
  const args = [new URL('../dist/home-assistant-server/main.js', import.meta.url).pathname];
  const made = new Client({ name: 'bench', version: '1.0.0' });
  const transport = new StdioClientTransport({ command: process.execPath, args, env });
  await made.connect(transport);
  await made.callTool({ name: 'get_entities', arguments: {} });
  return { client: made, pid: transport.pid };
}

function growTo(entities) {
  const context = newContext(null);
  return Array.from({ length: entities }, (_, index) => {
    const id = `${DOMAINS[index % DOMAINS.length]}.appareil_numero_${index}`;
    const attributes = { friendly_name: `Appareil numéro ${index} de la Grande Maison`, device_class: 'power', unit_of_measurement: 'W' };
    demo.house.set(id, { state: String(index), attributes }, context);
    return id;
  });
}

function registry(entities) {
  return {
    displayed: entities.map((id, index) => ({ ei: id, di: `device_${index % 1000}`, lb: index % 7 === 0 ? ['seventh'] : [] })),
    areas: Array.from({ length: 40 }, (_, index) => ({ area_id: `area_${index}`, name: `Pièce ${index}`, floor_id: `floor_${index % 4}` })),
    devices: Array.from({ length: 1000 }, (_, index) => ({
      id: `device_${index}`,
      name: `Appareil ${index}`,
      area_id: `area_${index % 40}`,
    })),
    labels: [{ label_id: 'seventh', name: 'Septième' }],
    floors: Array.from({ length: 4 }, (_, index) => ({ floor_id: `floor_${index}`, name: `Étage ${index}` })),
  };
}

async function measured(what, call) {
  const timesMs = [];
  const cpuBeforeUs = cpuUs(pid);
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now();
    const answer = await call();
    timesMs.push(performance.now() - startedMs);
    bytes = Buffer.byteLength(JSON.stringify(answer));
  }
  const sorted = timesMs.toSorted((a, b) => a - b);
  const shown = (ms) => ms.toFixed(1);
  const cpuMs = (cpuUs(pid) - cpuBeforeUs) / 1000 / ROUNDS;
  return {
    what,
    bytes,
    cpuMs: shown(cpuMs),
    firstMs: shown(timesMs[0]),
    p50Ms: shown(sorted[Math.floor(ROUNDS / 2)]),
    maxMs: shown(sorted.at(-1)),
  };
}

async function everyPage() {
  const pages = [];
  for (let offset = 0; offset !== undefined;) {
    const { structuredContent: page } = await client.callTool({ name: 'get_entities', arguments: { limit: 500, offset } });
    pages.push(page.entities.map(({ entity_id: id }) => id));
    offset = page.next_offset;
  }
  return pages;
}
