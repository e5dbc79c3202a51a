import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import type { Json, JsonObject } from '../call/json.js';
import type { ToolCall } from '../call/tool-call.js';
import { Config } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { UpstreamConfig } from '../session-pool/upstream.config.js';
import { Policy } from './policy.js';

const clock = { now: () => 1_000, after: () => () => undefined };
const HOUSE = resolve('config/policies/home-assistant.yaml');

function policyOf(policy: string | object | undefined, more: Partial<UpstreamConfig> = {}, operator?: object) {
  const config = new Config();
  config.upstreams = [Object.assign(new UpstreamConfig(), { name: 'ha', ...(policy && { policy }), ...more })];
  if (operator) config.policy = { ha: operator };
  return Policy.compile(config, clock);
}

function call(name: string, args: JsonObject = {}, more: Partial<ToolCall> = {}): ToolCall {
  return { server: 'ha', method: 'tools/call', name, params: { name, arguments: args }, principal: 'alice', ...more };
}

const GROUPS = {
  'light.salon': ['light.lamp', 'light.shelf'],
  'scene.cinema': ['light.lamp', 'Switch.TV'],
  scene: ['*'],
  'automation.4711': ['automation.night'],
  'area_id:salon': ['light.salon', 'light.lamp', 'light.shelf', 'sensor.heat'],
  'area_id:chambre parents': ['light.bed'],
  'area_id:cellier': [],
};

const house = policyOf(HOUSE);
house.learnGroups('ha', { revision: 1, groups: GROUPS });
const planOf = (name: string, args?: JsonObject) => house.plan(call(name, args), { cacheControl: {} });
const locksOf = (args: JsonObject) => planOf('call_service', args).locks.map(({ path }) => path.join('/'));
const homeassistant = (args: JsonObject) => ({ domain: 'homeassistant', service: 'turn_on', ...args });
const on = (args: JsonObject) => locksOf({ domain: 'light', service: 'turn_on', ...args });

describe(Policy.name, () => {
  it.each<[string, JsonObject, string[]]>([
    ['an entity', { entity_id: 'light.a' }, ['ha/light/light.a']],
    ['a list in one text', { entity_id: 'light.a, light.b' }, ['ha/light/light.a', 'ha/light/light.b']],
    ['an entity inside data given as text', { data: '{"entity_id":"light.a"}' }, ['ha/light/light.a']],
    ['the explicit entity, not that of data', { entity_id: 'light.a', data: { entity_id: 'light.b' } }, ['ha/light/light.a']],
    ['no target', {}, ['ha/light']],
    ['all', { entity_id: 'ALL' }, ['ha/light']],
    ['a template', { entity_id: '{{ lamp }}' }, ['ha/light']],
    ['an area nobody knows', { data: { area_id: 'grenier' } }, ['ha/light']],
    ['data that cannot be read', { data: '{oops' }, ['ha/light']],
    ['a domain that is missing', { domain: null, service: null }, ['ha']],
    ['a restart', { domain: 'homeassistant', service: 'restart' }, ['ha']],
    ['a restart in long spelling', { domain: 'homeassistant', service: 'HomeAssistant.restart' }, ['ha']],
    ['a reload', { domain: 'automation', service: 'reload' }, ['ha/automation']],
    ['scene.apply', { domain: 'scene', service: 'apply', data: { entities: { 'Light.A': 'on' } } }, ['ha/light/light.a']],
    ['a group', { entity_id: 'Light.Salon' }, ['ha/light/light.salon', 'ha/light/light.lamp', 'ha/light/light.shelf']],
    [
      'a scene',
      { domain: 'scene', service: 'turn_on', entity_id: 'scene.cinema' },
      ['ha/scene/scene.cinema', 'ha/light/light.lamp', 'ha/switch/switch.tv'],
    ],
    ['a scene whose members nobody has told', { domain: 'scene', service: 'turn_on', entity_id: 'scene.a' }, ['ha/scene/scene.a', 'ha']],
    [
      'an area, as a name or an id',
      { data: { area_id: ['Salon', 'Chambre Parents'] } },
      ['ha/light/light.salon', 'ha/light/light.lamp', 'ha/light/light.shelf', 'ha/sensor/sensor.heat', 'ha/light/light.bed'],
    ],
    ['an area with nothing in it', { data: { area_id: 'cellier' } }, ['ha/light']],
    ['a known area and one nobody knows', { data: { area_id: 'chambre parents,grenier' } }, ['ha/light/light.bed', 'ha/light']],
    ['a device that nobody knows, by a service of everything', homeassistant({ data: { device_id: 'x' } }), ['ha']],
    ['one lamp, by a service of everything', homeassistant({ entity_id: 'light.lamp' }), ['ha/light/light.lamp']],
    ['a script', { domain: 'script', service: 'fire' }, ['ha/script/script.fire']],
    ['a script that is turned on', { domain: 'script', service: 'turn_on', entity_id: 'script.fire' }, ['ha/script/script.fire']],
    ['a notification', { domain: 'notify', service: 'phone' }, []],
    ['a forecast', { domain: 'weather', service: 'get_forecasts', entity_id: 'weather.home' }, []],
  ])('locks, for %s, what it is about', (_what, args, locks) => expect(on(args)).toEqual(locks));

  it('gives every spelling of an id the same lock', () => {
    const id = fc.stringMatching(/^[a-z]{1,8}\.[a-z0-9_]{1,8}$/);
    const spelling = fc.tuple(id, fc.array(fc.boolean()), fc.nat(3), fc.constantFrom('text', 'list', 'data', 'json'));
    fc.assert(
      fc.property(spelling, ([plain, capitals, spaces, place]) => {
        const odd = ' '.repeat(spaces) + Array.from(plain, (c, i) => (capitals[i] ? c.toUpperCase() : c)).join('') + ' '.repeat(spaces);
        const spelled: Record<string, JsonObject> = {
          text: { entity_id: odd },
          list: { entity_id: [odd] },
          data: { data: { entity_id: odd } },
          json: { data: JSON.stringify({ entity_id: odd }) },
        };
        expect(on(spelled[place]!)).toEqual(on({ entity_id: plain }));
      }),
    );
  });

  it('never lets a write that names something go without a lock', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(on({ entity_id: value as Json }).length).toBeGreaterThan(0)));
  });

  it.each<[string, JsonObject, string[]]>([
    ['an entity', { entity_id: 'light.a' }, ['ha/light/light.a', 'ha/light']],
    ['an area', { data: { area_id: 'salon' } }, ['ha/light']],
    ['a scene', { domain: 'scene', service: 'turn_on', entity_id: 'scene.cinema' }, ['ha/scene/scene.cinema', 'ha']],
    ['what a scene is made of', { domain: 'scene', service: 'apply', data: { entities: { 'light.a': 'on' } } }, ['ha/light/light.a', 'ha']],
    ['a notification', { domain: 'notify', service: 'phone' }, []],
  ])('locks, for %s, all that it may be about as long as no groups were told, and when they are taken back', (_what, args, locks) => {
    const other = policyOf(HOUSE);
    const plan = () => other.plan(call('call_service', { domain: 'light', service: 'turn_on', ...args }), { cacheControl: {} });
    const paths = () => plan().locks.map(({ path }) => path.join('/'));
    expect(paths()).toEqual(locks);
    other.learnGroups('ha', { groups: GROUPS });
    other.learnGroups('ha', undefined);
    expect(paths()).toEqual(locks);
    other.learnGroups('ha', { groups: 'none' });
    expect(paths()).toEqual(locks);
  });

  it('makes stale, by a write, the answers on its key, above and below, and on what shows it, and no others', () => {
    const isStale = (args: JsonObject, read: ReturnType<typeof planOf>) => {
      const { touches } = planOf('call_service', { domain: 'light', service: 'turn_on', ...args });
      return read.cache!.tags.some((tag) => touches.includes(tag));
    };
    const state = (id: string) => planOf('get_entity_state', { entity_id: id });
    expect(isStale({ entity_id: 'light.lamp' }, state(' LIGHT.Lamp'))).toBe(true);
    expect(isStale({ entity_id: 'light.lamp' }, state('light.salon'))).toBe(true);
    expect(isStale({ entity_id: 'light.lamp' }, state('light.shelf'))).toBe(false);
    expect(isStale({ entity_id: 'light.salon' }, state('light.shelf'))).toBe(true);
    expect(isStale({ domain: 'scene', entity_id: 'scene.cinema' }, state('switch.tv'))).toBe(true);
    expect(isStale({ domain: 'scene', entity_id: 'scene.cinema' }, state('switch.fridge'))).toBe(false);
    expect(isStale({ domain: 'scene', entity_id: 'scene.other' }, state('switch.fridge'))).toBe(true);
    expect(isStale({ entity_id: 'light.a' }, planOf('get_entities', { domain: 'light' }))).toBe(true);
    expect(isStale({ entity_id: 'light.a' }, planOf('get_entities', { domain: 'tous' }))).toBe(true);
    expect(isStale({ entity_id: 'light.a' }, planOf('get_entities', { domain: 'switch' }))).toBe(false);
    expect(isStale({}, state('light.b'))).toBe(true);
    expect(house.changedTags('ha', ['services']).some((tag) => planOf('get_services').cache!.tags.includes(tag))).toBe(true);
  });

  it("takes the tool's own class and time, and the caller's where he names them", () => {
    expect(planOf('get_entity_state')).toMatchObject({ kind: 'read', priority: 0, deadline: 6_000, retry: { attempts: 3 } });
    expect(planOf('create_automation')).toMatchObject({ kind: 'critical', priority: 3, holdMs: 120_000, retry: { attempts: 1 } });
    expect(planOf('call_service', { domain: 'cover', service: 'stop_cover' }).priority).toBe(1);
    const wishes = { priority: 4 as const, timeoutMs: 7, cacheControl: {} };
    expect(house.plan(call('get_entity_state'), wishes)).toMatchObject({ priority: 4, deadline: 1_007 });
  });

  it('adds the prefix that an id lacks, and knows an id by which an upstream has another one', () => {
    const locks = (id: string) => planOf('toggle_automation', { automation_id: id }).locks.map(({ path }) => path.at(-1));
    expect(locks('night')).toEqual(locks('automation.night'));
    expect(locks('4711')).toEqual(['automation.4711', 'automation.night']);
  });

  it('keeps the answers of two principals apart unless the policy shares them', () => {
    const tools = { get: { kind: 'read', cache: { ttl_seconds: 5 } } };
    const keys = (cache: object) =>
      ['alice', 'bob'].map((principal) => policyOf({ cache, tools }).plan(call('get', {}, { principal }), { cacheControl: {} }).cache?.key);
    expect(new Set(keys({})).size).toBe(2);
    expect(new Set(keys({ scope: 'shared' })).size).toBe(1);
  });

  it('lets the operator win field by field', () => {
    const policy = policyOf(HOUSE, {}, { tools: { call_service: { priority: 'HIGH' } } });
    const plan = policy.plan(call('call_service', { domain: 'light', entity_id: 'light.a' }), { cacheControl: {} });
    expect(plan).toMatchObject({ priority: 1, holdMs: 120_000, locks: [{ path: ['ha', 'light', 'light.a'] }, { path: ['ha', 'light'] }] });
  });

  it('locks by domain where the policy says so', () => {
    const policy = policyOf(HOUSE, {}, { lock: { granularity: 'domain' } });
    policy.learnGroups('ha', { groups: {} });
    const plan = policy.plan(call('call_service', { domain: 'light', entity_id: 'light.a' }), { cacheControl: {} });
    expect(plan.locks).toEqual([{ path: ['ha', 'light'], mode: 'X' }]);
  });

  it('locks no domain in which nothing can be changed, where the policy locks by domain', () => {
    const args = { domain: 'homeassistant', service: 'update_entity', entity_id: ['sensor.a', 'light.b'] };
    const locks = (granularity: string) =>
      policyOf(HOUSE, {}, { lock: { granularity } })
        .plan(call('call_service', args), { cacheControl: {} })
        .locks.map(({ path }) => path.join('/'));
    expect(locks('domain')).not.toContain('ha/sensor');
    expect(locks('domain')).toContain('ha/light');
    expect(locks('entity')).toContain('ha/sensor/sensor.a');
  });

  it('caches by level what says nothing of it: nothing where the whole policy says none', () => {
    const tools = { plain: { kind: 'read', cache: {} }, own: { kind: 'read', cache: { level: 'l1' } } };
    const policy = policyOf({ cache: { level: 'none' }, tools });
    const isCached = (name: string) => policy.plan(call(name), { cacheControl: {} }).cache !== undefined;
    expect([isCached('plain'), isCached('own')]).toEqual([false, true]);
  });

  it('lets equal reads run each for itself where deduplication is off', () => {
    const config = new Config();
    config.queue.deduplicationEnabled = false;
    config.upstreams = [Object.assign(new UpstreamConfig(), { name: 'ha', policy: { tools: { get: { kind: 'read', cache: {} } } } })];
    expect(Policy.compile(config, clock).plan(call('get'), { cacheControl: {} }).cache).toMatchObject({ isJoinable: false });
  });

  it.each<[string, object, string]>([
    ['a lock for the list of tools', { tools_list: { lock: ['a'] } }, 'tools_list.lock'],
    ['targets for the list of tools', { tools_list: { targets: ['/a'] } }, 'tools_list.targets'],
    ['a list of tools that writes', { tools_list: { kind: 'write' } }, 'tools_list.kind'],
    ['tags for the list of tools', { tools_list: { cache: { tags: ['a'] } } }, 'tools_list.cache.tags'],
    ['changes that nobody tells', { tools: { a: { cache: { tags: ['x'], invalidate_on: ['changes'] } } } }, 'tools.a.cache.invalidate_on'],
    ['changes without tags', { keys: { changes: 'x:y' }, tools: { a: { cache: { invalidate_on: ['changes'] } } } }, 'tools.a.cache.tags'],
    ['a label that a section of /mcp/status has', { upstream: { label: 'queue' } }, 'upstream.label'],
    ['an event of lists for a tool', { tools: { a: { cache: { invalidate_on: ['list_changed'] } } } }, 'tools.a.cache.invalidate_on'],
  ])('refuses what would be without effect: %s', (_what, policy, key) => {
    expect(problemsOf(() => policyOf(policy))).toEqual([expect.objectContaining({ key: `upstreams.ha.policy.${key}` })]);
  });

  it.each<[object, string, string[]]>([
    [{ readOnlyHint: true, destructiveHint: true }, 'read', []],
    [{ destructiveHint: true }, 'critical', ['ha']],
    [{ destructiveHint: true, idempotentHint: true }, 'write', []],
    [{ destructiveHint: false }, 'write', []],
    [{}, 'write', []],
  ])('takes %j, where it is trusted, for a %s', (annotations, kind, locks) => {
    const plan = policyOf(undefined, { trustAnnotations: true }).plan(
      call('x'),
      { cacheControl: {} },
      { annotations: annotations as JsonObject },
    );
    expect([plan.kind, plan.locks.map(({ path }) => path.join('/'))]).toEqual([kind, locks]);
    const ruled = policyOf({ tools: { x: { kind: 'write', lock: ['a'] } } }, { trustAnnotations: true });
    expect(ruled.plan(call('x'), { cacheControl: {} }, { annotations: annotations as JsonObject }).locks).toMatchObject([
      { path: ['ha', 'a'] },
    ]);
  });

  it('takes an unknown tool for a write without locks, unless a trusted annotation says that it reads', () => {
    const tool = { annotations: { readOnlyHint: true } };
    const kind = (trustAnnotations: boolean) => policyOf(undefined, { trustAnnotations }).plan(call('x'), { cacheControl: {} }, tool).kind;
    expect([kind(false), kind(true)]).toEqual(['write', 'read']);
    expect(policyOf(undefined).plan(call('x'), { cacheControl: {} })).toMatchObject({ priority: 2, locks: [], fallback: { as: 'none' } });
  });

  it('treats every other method as a read', () => {
    const list = house.plan({ server: 'ha', method: 'tools/list', params: {}, principal: 'a' }, { cacheControl: {} });
    expect(list).toMatchObject({ kind: 'read', priority: 1, deadline: 11_000, cache: { ttlMs: 3_600_000, tags: ['catalog'] } });
    const read = house.plan(
      { server: 'ha', method: 'resources/read', name: 'x:y', params: { uri: 'x:y' }, principal: 'a' },
      { cacheControl: {} },
    );
    expect(read).toMatchObject({ kind: 'read', priority: 2 });
    expect(read.cache).toBeUndefined();
  });

  it('tells every wrong rule with its file, line and key', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'policy-')), 'p.yaml');
    writeFileSync(file, 'tools:\n  a: {kind: wriet}\n  b:\n    timeout_second: 3\n    targets: [entity]\n');
    expect(problemsOf(() => policyOf(file, {}, { tools: { a: { priority: 'TOP' } } }))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ file, line: 2, key: 'tools.a.kind' }),
        expect.objectContaining({ file, line: 4, key: 'tools.b.timeout_second' }),
        expect.objectContaining({ file, line: 5, key: 'tools.b.targets' }),
        { key: 'policy.ha.tools.a.priority', message: expect.stringContaining('CRITICAL') },
      ]),
    );
  });
});

function problemsOf(compile: () => unknown): unknown {
  try {
    return compile();
  } catch (error) {
    return error instanceof ConfigError ? error.problems : error;
  }
}
