import { readSettings, SettingsError } from './settings.js';

describe(readSettings.name, () => {
  it('takes the house from the environment and drops slashes at the end of its address', () => {
    const { house } = readSettings({ HASS_URL: 'https://home.example/ha/', HASS_TOKEN: 'secret' });

    expect(house).toEqual({ url: 'https://home.example/ha', token: 'secret' });
  });

  it.each([
    [{ HASS_URL: 'http://a' }, 'HASS_TOKEN'],
    [{ HASS_TOKEN: 'secret' }, 'HASS_URL'],
    [{}, 'HASS_URL, HASS_TOKEN'],
  ])('names what is missing in %j', (environment, missing) => {
    expect(readSettings(environment).house).toEqual({ missing });
  });

  it.each([
    ['HASS_URL', 'http://me:pass@house'],
    ['HASS_URL', 'ftp://house'],
    ['HASS_URL', 'house'],
    ['HASS_TIMEOUT_MS', 'soon'],
    ['HASS_MAX_RESULT_BYTES', '-1'],
  ])('refuses %s=%s by name, without repeating the value', (name, value) => {
    const read = () => readSettings({ [name]: value });

    expect(read).toThrow(SettingsError);
    expect(read).toThrow(name);
    expect(read).not.toThrow(value);
  });
});
