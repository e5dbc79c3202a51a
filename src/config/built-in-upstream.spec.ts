import 'reflect-metadata';
import { demoHouseVariables, wantsDemoHouse, withHouse } from './built-in-upstream.js';
import { type ConfigSources, loadConfig } from './load-config.js';

const house = { url: 'http://127.0.0.1:8123', token: 'demo-token' };

describe('wantsDemoHouse', () => {
  it.each([
    [{}, true],
    [{ HASS_DEMO: 'auto' }, true],
    [{ HASS_DEMO: 'off' }, false],
    [{ HASS_URL: 'http://ha:8123', HASS_TOKEN: '' }, false],
    [{ HASS_TOKEN: 't' }, false],
  ])('with %j: %s', (env, wanted) => {
    expect(wantsDemoHouse(loadConfig({ env }).config, env)).toBe(wanted);
  });

  it('is false when other servers are named', () => {
    expect(wantsDemoHouse(loadConfig({ env: {}, upstream: ['node', 'x.mjs'] }).config, {})).toBe(false);
  });

  it('knows two words', () => {
    const sources: ConfigSources = { env: { HASS_DEMO: 'yes' } };
    expect(() => loadConfig(sources)).toThrow('environment HASS_DEMO: expected auto or off');
  });
});

describe('what is passed on', () => {
  it.each([
    ['HASS_URL', 'homeassistant.local:8123'],
    ['HASS_URL', 'ws://ha:8123'],
    ['HASS_URL', 'http://me:secret@ha:8123'],
    ['HASS_URL', 'http://ha:8123/?x=1'],
    ['HASS_TIMEOUT_MS', 'soon'],
    ['HASS_MAX_RESULT_BYTES', '10'],
  ])('is refused at the start when the built-in server could not read it: %s=%s', (name, value) => {
    expect(() => loadConfig({ env: { HASS_TOKEN: 't', [name]: value } })).toThrow(new RegExp(`${name}: expected`));
    expect(() => loadConfig({ env: { HASS_TOKEN: 't', [name]: value }, upstream: ['node', 'x.mjs'] })).not.toThrow();
  });

  it('may have a path and a slash at its end', () => {
    const { config } = loadConfig({ env: { HASS_URL: 'https://ha.example/proxy/', HASS_TOKEN: 't' } });
    expect(config.upstreams[0]?.env.HASS_URL).toBe('https://ha.example/proxy/');
  });
});

describe('withHouse', () => {
  it('gives the address to the built-in server and leaves everything else as it was', () => {
    const { config } = loadConfig({ env: { HASS_TIMEOUT_MS: '5' } });
    const housed = withHouse(config, house);
    expect(housed.upstreams).toMatchObject([{ env: { HASS_URL: house.url, HASS_TOKEN: house.token, HASS_TIMEOUT_MS: '5' } }]);
    expect(housed.queue).toBe(config.queue);
    expect(config.upstreams[0]?.env).toEqual({ HASS_TIMEOUT_MS: '5' });
    expect(wantsDemoHouse(housed, {})).toBe(false);
  });
});

describe('demoHouseVariables', () => {
  it('are the rhythm of the demo house and nothing else', () => {
    const env = { HASS_DEMO_TICK_MS: '0', HASS_DEMO_DELAY_MS: '', HASS_TOKEN: 't', PATH: '/bin' };
    expect(demoHouseVariables(env)).toEqual({ HASS_DEMO_TICK_MS: '0' });
  });
});
