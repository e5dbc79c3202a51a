import { constants } from 'node:http2';
import type { WebSocket } from 'ws';
import { HouseFailure } from './failures.js';
import { fieldsOf, parseJson, textOf } from './fields.js';

export const HANDSHAKE_WITHIN_MS = 5000;
const AUTH_WITHIN_MS = 5000;

/** The supervisor of an add-on serves the socket beside its API, not below it. */
export function webSocketUrl(base: string): string {
  const url = new URL(base.replace(/^http/, 'ws'));
  const path = url.hostname === 'supervisor' ? '/websocket' : '/api/websocket';
  return url.href.replace(/\/$/, '') + path;
}

/**
 * Resolves with the version of Home Assistant once it knows us.
 * @throws HouseFailure when it does not want us, any other Error when nobody is there
 */
export function logIn(socket: WebSocket, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error('Connection timeout')), HANDSHAKE_WITHIN_MS + AUTH_WITHIN_MS);
    socket.on('error', reject);
    socket.once('close', () => {
      clearTimeout(tooLate);
      reject(new Error('Connection closed'));
    });
    socket.once('unexpected-response', (_request, { statusCode }) => reject(refusalOf(statusCode)));
    const take = (data: Buffer) => {
      const { type, ha_version: version } = fieldsOf(parseJson(data.toString()));
      if (type === 'auth_required') socket.send(JSON.stringify({ type: 'auth', access_token: token }));
      if (type === 'auth_invalid') reject(refusalOf(constants.HTTP_STATUS_UNAUTHORIZED));
      if (type !== 'auth_ok') return;
      clearTimeout(tooLate);
      socket.off('message', take);
      resolve(textOf(version) ?? '');
    };
    socket.on('message', take);
  });
}

/** What an HTTP status says of us, on the way to a socket or in answer to a request. */
export function refusalOf(status: number | undefined): Error {
  switch (status) {
    case constants.HTTP_STATUS_UNAUTHORIZED:
      return new HouseFailure('ha_unauthorized', "Home Assistant refuse le jeton d'accès", {
        suggestion: 'Créer un nouveau jeton et le mettre dans HASS_TOKEN',
      });
    case constants.HTTP_STATUS_FORBIDDEN:
      return new HouseFailure('ha_banned', 'Home Assistant a banni cette adresse', {
        suggestion: 'Vider ip_bans.yaml, puis redémarrer Home Assistant',
      });
    default:
      return new Error('Unexpected response');
  }
}
