import { isJsonObject, type JsonObject } from '../call/json.js';
import { KeptResource } from './kept-resource.js';
import type { PoolGround } from './pool-ground.js';
import type { PooledSession } from './pooled-session.js';
import type { Reply } from './reply.js';
import type { ChildSession } from './pooled-session.js';
import type { UpstreamChange } from './upstream-change.js';

/** What an upstream's policy names; any may be absent. */
export interface WatchedResources {
  /** Tells on this resource what has changed. */
  readonly changes?: string;
  /** Tells on this resource what ids stand for. */
  readonly groups?: string;
  /** Tells on this resource how it is. */
  readonly health?: string;
}

const HEALTH_EVERY_MS = 5_000;
const HEALTH_WHILE_STARTING_MS = 250;
const ANSWER_WITHIN_MS = 5_000;
/** A table may wait for what stands behind the server, and be large. */
const GROUPS_WITHIN_MS = 10_000;
const GROUPS_AGAIN_AFTER_MS = 5_000;
const RESUBSCRIBE_AFTER_MS = 5_000;
/** The others start anyway when the first child cannot make up its mind. */
const STARTING_AT_MOST_MS = 5_000;
/** A subscription of 2026 is one request without an end; timers of Node cannot be longer. */
const FOREVER_MS = 2_000_000_000;

/** Listens on one healthy shared child, and moves to another when that one goes. */
export class ResourceWatch {
  /** Last answer of the health resource; undefined while nobody can give one. */
  health?: JsonObject;
  private resources: WatchedResources = {};
  private source?: Source;
  private live = false;

  constructor(
    private readonly server: string,
    private readonly ground: PoolGround,
    private readonly tell: (change: UpstreamChange) => void,
    /** What `mayFollow` says may have changed. */
    private readonly moved: () => void,
  ) {}

  watch({ changes, groups, health }: WatchedResources): void {
    this.resources = {
      ...(changes !== undefined && { changes }),
      ...(groups !== undefined && { groups }),
      ...(health !== undefined && { health }),
    };
  }

  get healthUri(): string | undefined {
    return this.resources.health;
  }

  /** The source stays while it is there; else the oldest of the candidates takes over. */
  follow(candidates: Iterable<PooledSession>): void {
    if (this.source?.member.isAlive) return;
    this.leave();
    for (const member of candidates) {
      if (member.role.as === 'plain' && member.takesCalls) {
        this.settleOn(member);
        return;
      }
    }
  }

  /** Whether the first child has found out if the server behind it can be used at all. */
  mayFollow(): boolean {
    if (!this.source || this.resources.health === undefined) return true;
    const status = this.health?.status;
    if (status === 'refused') return false;
    return (status !== undefined && status !== 'starting') || this.ground.clock.now() - this.source.since >= STARTING_AT_MOST_MS;
  }

  /** @returns whether the notification was this watch's business */
  heard(session: ChildSession, method: string, params: JsonObject): boolean {
    if (method === 'notifications/subscriptions/acknowledged' && session === this.source?.member.session) {
      if (this.isHonoured(params)) this.subscribed(this.source);
      return true;
    }
    if (method !== 'notifications/resources/updated' || typeof params.uri !== 'string') return false;
    const meta = isJsonObject(params._meta) ? { meta: params._meta } : {};
    this.tell({ server: this.server, kind: 'resource_updated', uri: params.uri, ...meta });
    if (params.uri === this.resources.groups && session === this.source?.member.session) void this.source.groups?.refresh();
    return true;
  }

  /** Says nothing: that the feed ends with the pool is no news about the upstream. */
  close(): void {
    this.source?.left.abort('draining');
    delete this.source;
  }

  private leave(): void {
    this.source?.left.abort('cancelled');
    this.source?.groups?.end();
    delete this.source;
    delete this.health;
    this.setLive(false);
  }

  private settleOn(member: PooledSession): void {
    const source: Source = { member, since: this.ground.clock.now(), left: new AbortController() };
    if (this.resources.groups !== undefined) source.groups = this.keptGroups(source, this.resources.groups);
    this.source = source;
    member.isSource = true;
    void this.subscribe(source);
    if (this.resources.health === undefined) return;
    void this.readHealth(source, this.resources.health);
    this.ground.clock.after(STARTING_AT_MOST_MS, this.moved);
  }

  private async subscribe(source: Source): Promise<void> {
    const { description } = source.member.session;
    const reply = description.era === '2026' ? await this.listen(source) : await this.subscribeTo(source);
    if (!reply || this.source !== source) return;
    this.setLive(false);
    this.ground.log('warn', 'the change feed broke off', { upstream: this.server, reply: reply.kind });
    this.ground.clock.after(RESUBSCRIBE_AFTER_MS, () => {
      if (this.source === source) void this.subscribe(source);
    });
  }

  /** @returns what went wrong, if anything did */
  private async subscribeTo(source: Source): Promise<Reply | undefined> {
    for (const uri of this.subscriptions()) {
      const reply = await this.ask(source, 'resources/subscribe', { uri }, ANSWER_WITHIN_MS);
      if (reply.kind !== 'result') return reply;
    }
    this.subscribed(source);
    return undefined;
  }

  /** The lists are listened to since the handshake, on every child. @returns how the subscription ended */
  private async listen(source: Source): Promise<Reply | undefined> {
    const resourceSubscriptions = this.subscriptions();
    if (resourceSubscriptions.length === 0) return undefined;
    return this.ask(source, 'subscriptions/listen', { notifications: { resourceSubscriptions } }, FOREVER_MS);
  }

  /** A child acknowledges each subscription, that of the lists too, and with it what it will tell. */
  private isHonoured({ notifications }: JsonObject): boolean {
    const told: unknown = isJsonObject(notifications) ? notifications.resourceSubscriptions : undefined;
    return Array.isArray(told) && this.subscriptions().every((uri) => told.includes(uri));
  }

  private subscriptions(): string[] {
    const { changes, groups } = this.resources;
    return [changes, groups].filter((uri) => uri !== undefined);
  }

  /** From here on nothing is missed, so what is read now holds until it is told to have changed. */
  private subscribed(source: Source): void {
    if (this.source !== source) return;
    this.setLive(this.resources.changes !== undefined);
    void source.groups?.refresh();
  }

  private keptGroups(source: Source, uri: string): KeptResource {
    return new KeptResource(
      async () => jsonOf(await this.ask(source, 'resources/read', { uri }, GROUPS_WITHIN_MS)),
      (again) => this.ground.clock.after(GROUPS_AGAIN_AFTER_MS, again),
      (table) => this.tell({ server: this.server, kind: 'groups', ...(table && { table }) }),
    );
  }

  /** For the status page and the first start; who is silent here is not judged for it. */
  private async readHealth(source: Source, uri: string): Promise<void> {
    const reply = await this.ask(source, 'resources/read', { uri }, ANSWER_WITHIN_MS);
    if (this.source !== source) return;
    const health = jsonOf(reply);
    if (health) this.health = health;
    else delete this.health;
    this.moved();
    const pauseMs = health?.status === 'starting' ? HEALTH_WHILE_STARTING_MS : HEALTH_EVERY_MS;
    this.ground.clock.after(pauseMs, () => {
      if (this.source === source) void this.readHealth(source, uri);
    });
  }

  private ask({ member, left }: Source, method: string, params: JsonObject, withinMs: number): Promise<Reply> {
    return member.session.call(method, params, { kind: 'read', deadline: this.ground.clock.now() + withinMs }, left.signal).reply;
  }

  private setLive(live: boolean): void {
    if (this.live === live) return;
    this.live = live;
    this.tell({ server: this.server, kind: 'feed', live });
  }
}

interface Source {
  readonly member: PooledSession;
  readonly since: number;
  readonly left: AbortController;
  groups?: KeptResource;
}

/** The text of a resource's first content, parsed. */
function jsonOf(reply: Reply): JsonObject | undefined {
  if (reply.kind !== 'result') return undefined;
  const { contents } = reply.result;
  const first: unknown = Array.isArray(contents) ? contents[0] : undefined;
  if (!isJsonObject(first) || typeof first.text !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(first.text);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
