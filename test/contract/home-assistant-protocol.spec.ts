import { houseColumns } from '../support/house-columns.js';
import { AUTOMATIONS } from './home-assistant/automations.js';
import { CALLS } from './home-assistant/calls.js';
import { CATALOGUE } from './home-assistant/catalogue.js';
import { HouseUnderTest } from './home-assistant/fact.js';
import { golden } from './home-assistant/golden.js';
import { HISTORY } from './home-assistant/history.js';
import { LOGIN } from './home-assistant/login.js';
import { STATES } from './home-assistant/states.js';

const FACTS = [...LOGIN, ...STATES, ...CALLS, ...CATALOGUE, ...AUTOMATIONS, ...HISTORY];
const FACT_MS = 20_000;

describe('What was recorded of real houses', () => {
  it.each(['2024.3.3', '2025.4.4'])('is of %s what is asked, and nothing else', (version) => {
    expect(golden(version).facts).toEqual(FACTS.map(({ fact }) => fact));
  });
});

describe.each(houseColumns())('The protocol of Home Assistant, $name', (column) => {
  const recorded = golden(column.version);
  let house: HouseUnderTest;

  beforeAll(async () => {
    const { address, plain } = await column.open();
    house = await HouseUnderTest.enter(address, plain);
  }, FACT_MS);
  afterAll(async () => {
    recorded.keep();
    await house.close();
    await column.close();
  });

  const told = FACTS.filter(({ needs }) => needs === undefined || column.has(needs));
  it.each(told)('$fact', async ({ fact, observe }) => recorded.compare(fact, await observe(house)), FACT_MS);
});
