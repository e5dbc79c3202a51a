import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fieldsOf, parseJson } from '../../../src/home-assistant-server/fields.js';
import type { HouseFront } from './house-front.js';
import { targetsOf } from './named-targets.js';

/** One request on its way to the house behind, or not. */
export async function passRequest(front: HouseFront, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  const command = `${request.method ?? 'GET'} ${request.url ?? '/'}`;
  const answer = (status: number, text: string) => {
    if (!front.mood.isSilent)
      response.writeHead(status, { 'content-type': /^[[{]/.test(text) ? 'application/json' : 'text/plain' }).end(text);
  };
  if (front.mood.isBanned) {
    answer(403, '403: Forbidden');
    return;
  }
  const isForAdmins = command.includes('/api/config/automation/');
  const accepted =
    !(front.mood.isPlainUser && isForAdmins) && request.headers.authorization === `Bearer ${front.token}` && !front.mood.isTokenRevoked;
  if (!accepted) {
    front.journal.logins.push({ connection: 0, via: 'rest', accepted });
    answer(401, '401: Unauthorized');
    return;
  }
  const fields = fieldsOf(parseJson(body));
  const fault = front.faultFor(command, fields);
  if (fault?.as === 'drop') {
    response.destroy();
    return;
  }
  const [, domain, service] = /^POST \/api\/services\/(\w+)\/(\w+)/.exec(command) ?? [];
  const entry = front.journal.begin({
    connection: 0,
    via: 'rest',
    command: service === undefined ? command : 'call_service',
    ...(domain !== undefined && { domain, service }),
    targets: targetsOf({ service_data: fields }),
    data: fields,
  });
  if (fault?.as === 'hang') return;
  if (fault?.as === 'slow') await pause(fault.ms);
  if (fault?.as === 'refuse' || fault?.as === 'answer') {
    front.journal.end(entry);
    if (fault.as === 'refuse') answer(fault.status ?? 500, fault.message ?? fault.code);
    else answer(200, JSON.stringify(fault.result));
    return;
  }
  const headers = { authorization: `Bearer ${front.behind.token}`, 'content-type': 'application/json' };
  const reply = await fetch(front.behind.url + (request.url ?? '/'), { method: request.method, headers, ...(body !== '' && { body }) });
  const text = await reply.text();
  front.journal.end(entry);
  if (fault?.as === 'lose_answer') response.destroy();
  else if (fault?.as === 'late') front.keepBack(() => answer(reply.status, text));
  else answer(reply.status, fault?.as === 'edit' ? JSON.stringify(fault.edit(parseJson(text))) : text);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
