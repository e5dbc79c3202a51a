/** `#########` is a number that no other request has, `@entity` the connection's own entity. */
const toolCall = (name, args) => ({
  path: '/mcp/tools/call',
  body: { jsonrpc: '2.0', id: '#########', method: 'tools/call', params: { name, arguments: args } },
});

/** What is measured. The bare servers know no locks: for them a write is the same call as an uncached one. */
export const CALLS = [
  { name: 'uncached read', ...toolCall('look', { entity: '@entity', number: '#########' }) },
  { name: 'cached read', ...toolCall('recall', { entity: '@entity' }) },
  { name: 'write, one lock', ...toolCall('set', { entity: '@entity', number: '#########' }) },
  { name: '/health/live', path: '/health/live' },
];

/** The bridge with one session that takes as many calls at once as there are connections, which is what the bare servers have. */
export function bridgeConfig(port, node, childFile) {
  return {
    bridge: { port },
    monitoring: { prometheus_port: port },
    rate_limiting: { enabled: false },
    session_pool: { min_connections: 1, target_connections: 1, max_connections: 1, max_in_flight: 64, warm_spares: 0 },
    upstreams: {
      bench: {
        command: node,
        args: [childFile],
        policy: {
          tools: {
            look: { kind: 'read' },
            recall: { kind: 'read', cache: { ttl_seconds: 3600, vary_by: ['/entity'] } },
            set: { kind: 'write', targets: ['/entity'] },
          },
        },
      },
    },
  };
}
