import { VERSION } from '../call/version.js';
import type { Clock } from '../call/clock.js';
import type { Json, JsonObject } from '../call/json.js';
import type { ChildLink } from './child-link.js';
import { type EraVerdicts, fingerprintOf } from './era-verdicts.js';
import { isDiscoverResult, isInitializeResult } from './greeting.js';
import type { Reply } from './reply.js';
import { inEra, MODERN_VERSION, modernEnvelope, SERVER_INFO_KEY } from './request-meta.js';
import { describe, objectIn, type SessionDescription } from './session-description.js';
import { StartFailure, type StartFailureReason } from './start-failure.js';
import type { UpstreamConfig } from './upstream.config.js';

export const CLIENT_INFO = { name: 'http-mcp-bridge', version: VERSION } as const;

const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
const UNSUPPORTED_VERSION = -32022;
const PROBE_MS = 1500;
const SET_LEVEL_MS = 5000;
const DEFAULT_LOG_LEVEL = 'info';

export interface HandshakeOptions {
  readonly upstream: UpstreamConfig;
  readonly capabilities: JsonObject;
  readonly verdicts: EraVerdicts;
  readonly clock: Clock;
  /** A fresh child each time: some servers do not survive a question they do not know. */
  readonly open: () => Promise<ChildLink>;
}

type Probe = { readonly speaks: '2026'; readonly description: SessionDescription } | { readonly speaks: '2025'; readonly by: ChildLink };

/** Finds out which era a server speaks and opens a conversation in it. */
export class Handshake {
  private readonly deadline: number;
  private link: ChildLink | undefined;

  constructor(
    private readonly options: HandshakeOptions,
    private readonly signal: AbortSignal,
  ) {
    this.deadline = options.clock.now() + options.upstream.startTimeoutSeconds * 1000;
  }

  /** @throws StartFailure; no child is left then */
  async shake(): Promise<{ readonly link: ChildLink; readonly description: SessionDescription }> {
    try {
      const description = await this.agree(await this.open());
      return { link: this.current, description };
    } catch (error) {
      await this.link?.end('now');
      throw error;
    }
  }

  private async agree(link: ChildLink): Promise<SessionDescription> {
    const { era } = this.options.upstream;
    switch (era) {
      case '2025':
        return this.initialize(link);
      case '2026':
        return this.discover(link);
      case 'auto':
        return this.findOut(link);
      default:
        return era satisfies never;
    }
  }

  private async findOut(link: ChildLink): Promise<SessionDescription> {
    const { upstream, verdicts } = this.options;
    const fingerprint = await fingerprintOf(upstream);
    const remembered = await verdicts.get(fingerprint);
    if (remembered === '2025') return this.initialize(link);
    // A server that is known to answer may take its time to start; half of it is left for another try.
    const probe = await this.probe(link, remembered === '2026' ? (upstream.startTimeoutSeconds * 1000) / 2 : PROBE_MS);
    const description = probe.speaks === '2026' ? probe.description : await this.initialize(probe.by);
    await verdicts.remember(fingerprint, description.era);
    return description;
  }

  /** No single error code decides: whatever is not 2026 is asked in the words of 2025. */
  private async probe(link: ChildLink, limitMs: number): Promise<Probe> {
    const reply = await this.ask(link, 'server/discover', this.inModern({}), limitMs);
    switch (reply.kind) {
      case 'result':
        return isDiscoverResult(reply.result)
          ? { speaks: '2026', description: this.described(reply.result, link) }
          : { speaks: '2025', by: link };
      case 'rpc_error':
        if (reply.error.code !== UNSUPPORTED_VERSION) return { speaks: '2025', by: link };
        this.checkOffer(offered(reply.error.data), link);
        return { speaks: '2025', by: link };
      case 'lost':
        return { speaks: '2025', by: link.ending ? await this.reopen(link) : link };
      case 'timed_out':
        return { speaks: '2025', by: await this.reopen(link) };
      case 'cancelled':
      case 'no_session':
      case 'refused':
        throw this.failureOf(reply, link);
      default:
        return reply satisfies never;
    }
  }

  private async discover(link: ChildLink): Promise<SessionDescription> {
    const reply = await this.ask(link, 'server/discover', this.inModern({}));
    if (reply.kind !== 'result') throw this.failureOf(reply, link);
    if (!isDiscoverResult(reply.result)) throw this.failure('refused', 'answered server/discover with nonsense', link);
    return this.described(reply.result, link);
  }

  private async initialize(link: ChildLink): Promise<SessionDescription> {
    const { capabilities } = this.options;
    const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities, clientInfo: CLIENT_INFO };
    const reply = await this.ask(link, 'initialize', params);
    if (reply.kind !== 'result') throw this.failureOf(reply, link);
    const { result } = reply;
    if (!isInitializeResult(result)) throw this.failure('refused', 'answered initialize with nonsense', link);
    const protocolVersion = typeof result.protocolVersion === 'string' ? result.protocolVersion : '';
    this.checkOffer([protocolVersion], link);
    link.client.notify('notifications/initialized', {});
    if (objectIn(result.capabilities).logging !== undefined) this.setLevel(link);
    return describe('2025', protocolVersion, result.serverInfo, result);
  }

  private setLevel(link: ChildLink): void {
    const { clock, upstream } = this.options;
    const level = upstream.logLevel ?? DEFAULT_LOG_LEVEL;
    link.client.call('logging/setLevel', { level }, { kind: 'read', deadline: clock.now() + SET_LEVEL_MS }, this.signal);
  }

  private described(result: JsonObject, link: ChildLink): SessionDescription {
    const versions = Array.isArray(result.supportedVersions) ? result.supportedVersions : [];
    if (!versions.includes(MODERN_VERSION)) throw this.failure('version', `speaks only ${versions.join(', ')}`, link);
    this.listenForChanges(link, objectIn(result.capabilities));
    return describe('2026', MODERN_VERSION, objectIn(result._meta)[SERVER_INFO_KEY], result);
  }

  /** Changes of the lists are told only to those who listen. */
  private listenForChanges(link: ChildLink, { tools, prompts, resources }: JsonObject): void {
    const notifications = {
      ...(objectIn(tools).listChanged === true && { toolsListChanged: true }),
      ...(objectIn(prompts).listChanged === true && { promptsListChanged: true }),
      ...(objectIn(resources).listChanged === true && { resourcesListChanged: true }),
    };
    if (Object.keys(notifications).length > 0) link.client.listen('subscriptions/listen', this.inModern({ notifications }));
  }

  private async ask(link: ChildLink, method: string, params: JsonObject, limitMs = Number.POSITIVE_INFINITY): Promise<Reply> {
    const deadline = Math.min(this.deadline, this.options.clock.now() + limitMs);
    return link.client.call(method, params, { kind: 'read', deadline }, this.signal).reply;
  }

  private inModern(params: JsonObject): JsonObject {
    return inEra(params, '2026', modernEnvelope(CLIENT_INFO, this.options.capabilities));
  }

  private async open(): Promise<ChildLink> {
    if (this.signal.aborted) throw new StartFailure('aborted', `${this.options.upstream.name} is no longer wanted`);
    this.link = await this.options.open();
    return this.link;
  }

  private async reopen(link: ChildLink): Promise<ChildLink> {
    await link.end('now');
    return this.open();
  }

  private get current(): ChildLink {
    if (!this.link) throw new Error('the handshake has no child');
    return this.link;
  }

  private checkOffer(versions: readonly Json[], link: ChildLink): void {
    if (versions.some((version) => LEGACY_VERSIONS.some((known) => known === version))) return;
    throw this.failure('version', `speaks only ${versions.map(String).join(', ') || 'versions it does not name'}`, link);
  }

  private failureOf(reply: Exclude<Reply, { kind: 'result' }>, link: ChildLink): StartFailure {
    switch (reply.kind) {
      case 'rpc_error':
        return this.failure('refused', `refused the handshake: ${reply.error.code} ${reply.error.message}`, link);
      case 'lost':
        return this.failure(link.ending ? 'exit' : 'refused', `ended during the handshake (${reply.detail ?? reply.reason})`, link);
      case 'no_session':
        return this.failure('exit', 'ended before the handshake', link);
      case 'timed_out':
        return this.failure('timeout', `did not shake hands within ${this.options.upstream.startTimeoutSeconds} s`, link);
      case 'cancelled':
        return this.failure('aborted', 'is no longer wanted', link);
      case 'refused':
        return this.failure('refused', reply.detail, link);
      default:
        return reply satisfies never;
    }
  }

  private failure(reason: StartFailureReason, what: string, link: ChildLink): StartFailure {
    return new StartFailure(reason, `${this.options.upstream.name} ${what}`, link.lastLines);
  }
}

function offered(data: Json | undefined): readonly Json[] {
  const { supported } = objectIn(data);
  return Array.isArray(supported) ? (supported as readonly Json[]) : [];
}
