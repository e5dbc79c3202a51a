import type { Values } from './chart-kit.js';

const external = { redis: { external: { url: 'redis://redis.data:6379' } }, config: { redis: { allow_insecure: true } } };
const externalSecret = { external: { existingSecret: 'redis', address: 'redis.data:6379' } };
const bundled = { bundled: { enabled: true } };

/** Every way to install that the chart knows, each by name: all of them are linted, validated and installed. */
export const VALUE_SETS: Readonly<Record<string, Values>> = {
  defaults: {},
  'home assistant': {
    homeAssistant: { url: 'http://ha.home:8123', existingSecret: 'ha' },
    networkPolicy: { egress: [{ cidr: '10.0.0.9/32', ports: [8123] }] },
  },
  'three with external redis': { replicas: 3, ...external, networkPolicy: { redisTo: [{ ipBlock: { cidr: '10.0.0.5/32' } }] } },
  'three with a redis secret': { replicas: 3, redis: externalSecret },
  'two with bundled redis': { replicas: 2, redis: bundled },
  'bundled redis on a volume': { replicas: 2, redis: { bundled: { enabled: true, storage: '1Gi', storageClassName: 'standard' } } },
  'front and back': { split: { enabled: true }, ...external },
  hpa: { autoscaling: { hpa: { enabled: true } }, ...external },
  keda: { autoscaling: { keda: { enabled: true } }, redis: bundled },
  'keda on front and back': { split: { enabled: true }, autoscaling: { keda: { enabled: true } }, redis: externalSecret },
  'keda on prometheus': {
    autoscaling: { keda: { enabled: true, prometheus: { enabled: true, serverAddress: 'http://prometheus:9090' } } },
    ...external,
  },
  ingress: {
    ingress: {
      enabled: true,
      className: 'nginx',
      hosts: ['bridge.example.org'],
      tls: [{ secretName: 'tls', hosts: ['bridge.example.org'] }],
    },
  },
  route: { httpRoute: { enabled: true, parentRefs: [{ name: 'gateway', namespace: 'infra' }], hostnames: ['bridge.example.org'] } },
  watched: {
    serviceMonitor: { enabled: true, labels: { release: 'p' } },
    prometheusRule: { enabled: true },
    dashboards: { enabled: true },
  },
  'own secrets, own files': {
    access: { existingSecret: 'mine' },
    config: { upstreams: { ledger: { command: 'node', args: ['/config/ledger.mjs'] } }, queue: { max_size: 50 } },
    configFiles: { 'ledger.mjs': '// a server' },
    cache: { existingClaim: 'cache' },
  },
  'everything of a pod': {
    image: { registry: 'registry.example.org', digest: `sha256:${'a'.repeat(64)}` },
    imagePullSecrets: [{ name: 'pull' }],
    podAnnotations: { a: 'b' },
    podLabels: { team: 'home' },
    priorityClassName: 'high',
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }],
    extraEnv: [{ name: 'TZ', value: 'Europe/Paris' }],
    envFrom: [{ secretRef: { name: 'more' } }],
    extraVolumes: [{ name: 'more', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
    initContainers: [{ name: 'first', image: 'busybox' }],
    sidecars: [{ name: 'beside', image: 'busybox' }],
    extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-extra' } }],
  },
  'no policy, no budget': { networkPolicy: { enabled: false }, podDisruptionBudget: { enabled: false }, replicas: 2, ...external },
};
