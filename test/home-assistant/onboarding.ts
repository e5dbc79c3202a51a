import { AREAS, DEVICES, ENTITIES } from '../../src/home-assistant-server/demo/entities.js';
import { HouseClient } from '../support/house-client.js';

const ADMIN = { name: 'Essais', username: 'essais', password: 'essais-essais' };
const GUEST = { name: 'Invité', username: 'invite', password: 'invite-invite' };
const DAYS = 365;

export interface Tokens {
  readonly token: string;
  /** Of a user without administrator's rights. */
  readonly plainToken: string;
}

/** A new Home Assistant asks who lives there before it does anything; answers for the household, without a browser. */
export async function onboard(url: string): Promise<string> {
  const { name, username, password } = ADMIN;
  const body = { client_id: clientOf(url), name, username, password, language: 'fr' };
  const { auth_code: code } = await post(url, '/api/onboarding/users', body);
  return accessToken(url, code);
}

/** Gives rooms to the entities, and long-lived tokens to an administrator and to a plain user. */
export async function moveIn(url: string, accessTokenOfAdmin: string): Promise<Tokens> {
  const admin = await HouseClient.join({ url, token: accessTokenOfAdmin });
  await furnish(admin);
  const guest = await HouseClient.join({ url, token: await plainUser(admin) });
  const [token, plainToken] = [await longLived(admin), await longLived(guest)];
  await Promise.all([admin.close(), guest.close()]);
  return { token, plainToken };
}

/** The language that the household speaks brought the usual rooms already. */
async function furnish(admin: HouseClient): Promise<void> {
  const known: { area_id: string }[] = await admin.ask('config/area_registry/list');
  for (const { area_id: id, name } of AREAS) {
    if (!known.some(({ area_id: there }) => there === id)) await admin.ask('config/area_registry/create', { name });
  }
  for (const { id, area, device } of ENTITIES) {
    const room = area ?? DEVICES.find((known) => known.id === device)?.area_id;
    if (room !== undefined) await admin.ask('config/entity_registry/update', { entity_id: id, area_id: room });
  }
}

async function plainUser(admin: HouseClient): Promise<string> {
  const { url } = admin.address;
  const { name, username, password } = GUEST;
  const { user } = await admin.ask('config/auth/create', { name, group_ids: ['system-users'] });
  await admin.ask('config/auth_provider/homeassistant/create', { user_id: user.id, username, password });
  const client_id = clientOf(url);
  const { flow_id: flow } = await post(url, '/auth/login_flow', { client_id, handler: ['homeassistant', null], redirect_uri: client_id });
  const { result: code } = await post(url, `/auth/login_flow/${flow}`, { client_id, username, password });
  return accessToken(url, code);
}

function longLived(user: HouseClient): Promise<string> {
  return user.ask('auth/long_lived_access_token', { client_name: 'essais', lifespan: DAYS });
}

async function accessToken(url: string, code: string): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'authorization_code', code, client_id: clientOf(url) });
  return (await post(url, '/auth/token', form)).access_token;
}

/** Home Assistant knows programs by their address; its own pages live at its own. */
function clientOf(url: string): string {
  return `${url}/`;
}

async function post(url: string, path: string, body: object): Promise<any> {
  const isForm = body instanceof URLSearchParams;
  const response = await fetch(url + path, {
    method: 'POST',
    body: isForm ? body : JSON.stringify(body),
    ...(isForm ? {} : { headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
