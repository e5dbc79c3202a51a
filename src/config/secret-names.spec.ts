import { isSecretName } from './secret-names.js';

describe('isSecretName', () => {
  it.each(['HASS_TOKEN', 'LEDGER_KEY', '--api-key', 'apiKeys', 'X-Authorization', 'PROXY_AUTH', 'db_password', 'Cookie', 'clientSecret'])(
    'knows %s for one',
    (name) => expect(isSecretName(name)).toBe(true),
  );

  it.each(['HASS_URL', 'lock_keys', 'keyboard', 'author', 'principal', 'request_id'])('lets %s be shown', (name) =>
    expect(isSecretName(name)).toBe(false),
  );
});
