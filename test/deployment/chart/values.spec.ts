import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { said } from '../said.js';
import { CHART, one, render, template, type Values } from './chart-kit.js';
import { VALUE_SETS } from './value-sets.js';

const defaults = parse(readFileSync(`${CHART}/values.yaml`, 'utf8')) as Record<string, unknown>;

describe('Values', () => {
  it.each(['', ...sections(defaults)])('are refused with a misspelt key, in section "%s"', (path) => {
    const { status, text } = template(nested(path, { misspelt: 1 }));
    expect(status).not.toBe(0);
    expect(text).toMatch(/misspelt/);
  });

  it.each([
    ['a word for a number', { replicas: 'three' }, /replicas/],
    ['an unknown pull policy', { image: { pullPolicy: 'Sometimes' } }, /pullPolicy/],
    ['a digest that is none', { image: { digest: 'latest' } }, /digest/],
    ['a password in the url', { redis: { external: { url: 'redis://:secret@host:6379' } } }, /url/],
    [
      'both autoscalers',
      { autoscaling: { hpa: { enabled: true }, keda: { enabled: true } }, redis: { bundled: { enabled: true } } },
      /autoscaling/,
    ],
    ['more than one pod without Redis', { replicas: 2 }, /More than one pod needs Redis/],
    ['front and back without Redis', { split: { enabled: true } }, /More than one pod needs Redis/],
    ['an autoscaler without Redis', { autoscaling: { hpa: { enabled: true } } }, /More than one pod needs Redis/],
    ['too little time to drain', { drain: { terminationGracePeriodSeconds: 80 } }, /must be above 80/],
    ['too little time for a longer drain', { config: { shutdown: { timeout_seconds: 120 } } }, /must be above 140/],
    ['a host that stands for many', { ingress: { enabled: true, hosts: ['*.example.com'] } }, /hosts/],
    ['a route that stands for many', { httpRoute: { enabled: true, hostnames: ['*.example.com'] } }, /hostnames/],
    ['a route without a gateway', { httpRoute: { enabled: true } }, /parentRefs/],
    ['KEDA on a secret url alone', { autoscaling: { keda: { enabled: true } }, redis: { external: { existingSecret: 's' } } }, /address/],
  ] satisfies [string, Values, RegExp][])('are refused: %s', (_, values, words) => {
    const { status, text } = template(values);
    expect(status).not.toBe(0);
    expect(text).toMatch(words);
  });

  it('hold no secret, and the keys that are made are long and differ', () => {
    expect(JSON.stringify(defaults)).not.toMatch(/password":"[^"]|token":"(?!token")[^"]/i);
    const { stringData } = one(render({}), 'Secret');
    expect(new Set(Object.values(stringData as Record<string, string>)).size).toBe(2);
    for (const key of Object.values(stringData as Record<string, string>)) expect(key.length).toBeGreaterThanOrEqual(43);
  });

  it('are explained in the README, each of them', () => {
    expect(said('node', 'tools/chart-readme.mjs', '--check')).toEqual({ status: 0, text: '' });
  });

  it('let an autoscaler own the number of pods', () => {
    for (const set of ['hpa', 'keda']) expect(one(render(VALUE_SETS[set]!), 'Deployment').spec).not.toHaveProperty('replicas');
    const split = render(VALUE_SETS['keda on front and back']!);
    expect(one(split, 'Deployment', 'home-http-mcp-bridge-front').spec.replicas).toBe(2);
    expect(one(split, 'Deployment', 'home-http-mcp-bridge-back').spec).not.toHaveProperty('replicas');
    expect(one(split, 'ScaledObject').spec.scaleTargetRef.name).toBe('home-http-mcp-bridge-back');
  });

  it('send callers to the pods that answer HTTP, and Prometheus to all', () => {
    const split = render(VALUE_SETS['front and back']!);
    expect(one(split, 'Service', 'home-http-mcp-bridge').spec.selector['app.kubernetes.io/component']).toBe('front');
    expect(one(split, 'Service', 'home-http-mcp-bridge-metrics').spec.selector).not.toHaveProperty('app.kubernetes.io/component');
  });

  it('bring a pod for `helm test` that no Service takes for a bridge', () => {
    const objects = render({});
    const { labels } = one(objects, 'Pod', 'home-http-mcp-bridge-test').metadata;
    for (const { spec } of objects.filter(({ kind }) => kind === 'Service')) expect(labels).not.toMatchObject(spec.selector);
  });

  it('let in the hosts of the Service, the ingress and the route by themselves', () => {
    for (const set of ['ingress', 'route']) {
      const { data } = one(render(VALUE_SETS[set]!), 'ConfigMap');
      const { access } = parse(data['bridge.yaml']);
      expect(access.allowed_hosts).toEqual(expect.arrayContaining(['bridge.example.org', 'home-http-mcp-bridge.house.svc']));
    }
  });

  it('restart the pods when their configuration changes, and only then', () => {
    const checksum = (values: Values) => one(render(values), 'Deployment').spec.template.metadata.annotations['checksum/config'];
    const own = { access: { existingSecret: 'mine' } };
    expect(checksum(own)).toBe(checksum({ ...own, podDisruptionBudget: { enabled: false } }));
    expect(checksum(own)).not.toBe(checksum({ ...own, config: { queue: { max_size: 2 } } }));
  });

  it('make a budget only for more than one pod', () => {
    expect(render({}).map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
    expect(render(VALUE_SETS['two with bundled redis']!).map(({ kind }) => kind)).toContain('PodDisruptionBudget');
  });
});

/** Paths of all sections whose keys the chart knows. */
function sections(values: Record<string, unknown>, above = ''): readonly string[] {
  const free = /^(config|configFiles|affinity|nodeSelector|pod(Annotations|Labels))$|annotations$|labels$|resources\.(requests|limits)$/;
  return Object.entries(values).flatMap(([key, value]) => {
    const path = above ? `${above}.${key}` : key;
    if (value === null || typeof value !== 'object' || Array.isArray(value) || free.test(path)) return [];
    return [path, ...sections(value as Record<string, unknown>, path)];
  });
}

function nested(path: string, leaf: Values): Values {
  return path === '' ? leaf : path.split('.').reduceRight<Values>((inner, key) => ({ [key]: inner }), leaf);
}
