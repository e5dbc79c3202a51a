import { InitializeResultSchema } from '@modelcontextprotocol/sdk/types.js';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  isSpecType,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server';
import type { JsonObject } from '../call/json.js';
import { isDiscoverResult, isInitializeResult } from './greeting.js';
import { modernEnvelope, SERVER_INFO_KEY } from './request-meta.js';

const capabilities = { tools: { listChanged: true }, logging: {}, experimental: { ours: {} } };
const serverInfo = { name: 'house', version: '1.0.0' };
const initialized = { protocolVersion: '2025-11-25', capabilities, serverInfo, instructions: 'Be kind' };
const discovered = { supportedVersions: ['2026-07-28'], capabilities, instructions: 'Be kind' };

/** The answer itself, then without and with nonsense in each of its members. */
const variants = (answer: JsonObject): JsonObject[] => [
  answer,
  ...Object.keys(answer).flatMap((key) => [
    Object.fromEntries(Object.entries(answer).filter(([other]) => other !== key)),
    ...[null, 1, {}, [1]].map((nonsense) => ({ ...answer, [key]: nonsense })),
  ]),
  { ...answer, capabilities: { tools: 3 } },
  { ...answer, _meta: {}, more: true },
];

describe('the answers that open a conversation', () => {
  it.each(variants(initialized))('initialize is judged as the schema of the protocol judges it: %j', (answer) => {
    expect(isInitializeResult(answer)).toBe(InitializeResultSchema.safeParse(answer).success);
  });

  it.each(variants(discovered))('server/discover is judged as the schema of the protocol judges it: %j', (answer) => {
    expect(isDiscoverResult(answer)).toBe(isSpecType.DiscoverResult(answer));
  });

  it('our keys of the envelope are those of the protocol', () => {
    expect(Object.keys(modernEnvelope({}, {}))).toEqual([PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY]);
    expect(SERVER_INFO_KEY).toBe(SERVER_INFO_META_KEY);
  });
});
