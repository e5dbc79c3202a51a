import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Fields, fieldsOf, listOf, parseJson, textOf } from '../../../src/home-assistant-server/fields.js';
import type { Fault } from './faults.js';
import type { HouseFront } from './house-front.js';
import type { Entry } from './journal.js';
import { targetsOf } from './named-targets.js';

/** What `ws` calls an end without a closing word. */
const ABNORMAL = 1006;

interface Asked {
  readonly entry?: Entry;
  readonly fault?: Fault;
}

/** One client's WebSocket and the one behind it; every message passes here, or does not. */
export class FrontSocket {
  private readonly house: WebSocket;
  private readonly asked = new Map<number, Asked>();
  private readonly unsent: string[] = [];
  private isLoggedIn = false;

  constructor(
    private readonly client: WebSocket,
    private readonly front: HouseFront,
    readonly number: number,
  ) {
    this.house = new WebSocket(`${front.behind.url.replace(/^http/, 'ws')}/api/websocket`, { maxPayload: 0 });
    this.house.on('open', () => this.unsent.splice(0).forEach((text) => this.house.send(text)));
    this.house.on('message', (data: Buffer) => this.answered(JSON.parse(data.toString())));
    this.house.on('error', () => this.end());
    this.house.on('close', (code) => this.endAs(code));
    client.on('message', (data: Buffer) => void this.commanded(data.toString()));
    client.on('error', () => this.end());
    client.on('close', () => this.house.terminate());
  }

  /** As a cable that is pulled. */
  end(): void {
    this.client.terminate();
    this.house.terminate();
  }

  /** As the house did: with its code, or without a word. */
  private endAs(code: number): void {
    if (code === ABNORMAL) this.end();
    else this.client.close(code);
  }

  /** To the client, in the frames that are in fashion. */
  say(message: object): void {
    if (this.front.mood.isSilent || this.client.readyState !== WebSocket.OPEN) return;
    const { version } = this.front.dialect;
    const told = version !== undefined && 'ha_version' in message ? { ...message, ha_version: version } : message;
    const inArrays = this.front.mood.speaksInArrays && this.isLoggedIn;
    this.client.send(JSON.stringify(inArrays ? [NEWS, told] : told));
  }

  private async commanded(text: string): Promise<void> {
    if (this.front.mood.isSilent) return;
    const parsed = parseJson(text);
    if (parsed === undefined) this.passText(text);
    else await Promise.all((Array.isArray(parsed) ? listOf(parsed) : [parsed]).map((one) => this.obey(fieldsOf(one))));
  }

  private async obey(message: Fields): Promise<void> {
    const command = textOf(message.type) ?? '';
    if (command === 'auth') this.logIn(message);
    else if (command === 'ping') this.ping(message);
    else await this.run(command, message);
  }

  private logIn({ access_token: token }: Fields): void {
    const accepted = token === this.front.token && !this.front.mood.isTokenRevoked;
    this.front.journal.logins.push({ connection: this.number, via: 'ws', accepted });
    if (accepted) {
      this.pass({ type: 'auth', access_token: this.front.behind.token });
      return;
    }
    this.say({ type: 'auth_invalid', message: 'Invalid access token or password' });
    this.client.close(1000);
  }

  /** Not written down: there are too many. */
  private ping(message: Fields): void {
    if (this.front.faultFor('ping', message)?.as !== 'hang') this.pass(message);
  }

  private async run(command: string, message: Fields): Promise<void> {
    const id = Number(message.id);
    const fault = this.front.faultFor(command, message);
    if (fault?.as === 'drop') {
      this.end();
      return;
    }
    const { domain, service } = message;
    const entry = this.front.journal.begin({
      connection: this.number,
      via: 'ws',
      command,
      ...(typeof domain === 'string' && { domain }),
      ...(typeof service === 'string' && { service }),
      targets: targetsOf(message),
      data: fieldsOf(message.service_data),
    });
    if (fault?.as === 'hang') return;
    if (fault?.as === 'refuse' || fault?.as === 'answer') {
      this.front.journal.end(entry);
      this.say({ id, type: 'result', ...inItsStead(fault) });
      return;
    }
    if (fault?.as === 'slow') await pause(fault.ms);
    this.asked.set(id, { entry, fault });
    this.pass(message);
  }

  private pass(message: Fields): void {
    this.passText(JSON.stringify(message));
  }

  private passText(text: string): void {
    if (this.house.readyState === WebSocket.OPEN) this.house.send(text);
    else this.unsent.push(text);
  }

  private answered(frame: unknown): void {
    for (const message of (Array.isArray(frame) ? listOf(frame) : [frame]).map(fieldsOf)) {
      if (message.type === 'event' && !this.front.mood.passesEvents(fieldsOf(message.event))) continue;
      const { entry, fault } = message.type === 'result' ? (this.asked.get(Number(message.id)) ?? {}) : {};
      if (entry) this.front.journal.end(entry, textOf(fieldsOf(fieldsOf(message.result).context).id));
      this.reply(message, fault);
      this.isLoggedIn ||= message.type === 'auth_ok';
    }
  }

  private reply(message: Fields, fault: Fault | undefined): void {
    switch (fault?.as) {
      case 'lose_answer':
        this.end();
        return;
      case 'late':
        this.front.keepBack(() => this.say(message));
        return;
      case 'edit':
        this.say({ ...message, result: fault.edit(message.result) });
        return;
      default:
        this.say(message);
    }
  }
}

function inItsStead(fault: Fault & { as: 'refuse' | 'answer' }): object {
  if (fault.as === 'answer') return { success: true, result: fault.result };
  return { success: false, error: { code: fault.code, message: fault.message ?? fault.code } };
}

/** Nobody knows this type yet. */
const NEWS = { type: 'news_of_a_later_version', id: 0 };
