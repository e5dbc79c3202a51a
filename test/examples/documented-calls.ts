/** Every request that the product's two founding documents print, as they print it; placeholders in braces are filled in by the test. */
export interface DocumentedCall {
  readonly title: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the documents show of the answer, as paths that must be there. */
  readonly shows: readonly string[];
}

const JSON_HEADERS = { 'Content-Type': 'application/json' };

export const DOCUMENTED_CALLS: readonly DocumentedCall[] = [
  {
    title: 'API documentation, 1: initialize',
    path: '/mcp/initialize',
    headers: { ...JSON_HEADERS, 'X-Client-ID': 'optionnel-client-identifier' },
    body: `{
  "protocolVersion": "2024-11-05",
  "capabilities": { "supports_progress": true, "supports_cancellation": false },
  "clientInfo": { "name": "http-client", "version": "1.0.0" },
  "session_id": "custom-session-id"
}`,
    shows: [
      'jsonrpc',
      'id',
      'result.protocolVersion',
      'result.capabilities.tools',
      'result.capabilities.resources',
      'result.capabilities.prompts',
      'result.serverInfo.name',
      'result.serverInfo.version',
      'result.session_id',
      'result.expires_at',
      'bridge_info.queue_position',
      'bridge_info.estimated_wait_ms',
    ],
  },
  {
    title: 'architecture: initialize',
    path: '/mcp/initialize',
    headers: JSON_HEADERS,
    body: `{
"protocolVersion": "2024-11-05",
"capabilities": {"supports_progress": true},
"clientInfo": {"name": "http-client", "version": "1.0"},
"session_id": "optional-custom-id"
}`,
    shows: ['jsonrpc', 'id', 'result.protocolVersion', 'result.capabilities', 'result.serverInfo', 'result.session_id'],
  },
  {
    title: 'API documentation, 2: tools/list',
    path: '/mcp/tools/list',
    headers: { ...JSON_HEADERS, 'X-Session-ID': '{session_id}', 'X-Cache-Control': 'max-age=3600' },
    body: '{ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {} }',
    shows: [
      'jsonrpc',
      'id',
      'result.tools.0.name',
      'result.tools.0.description',
      'result.tools.0.inputSchema.properties.domain',
      'bridge_info.cached',
      'bridge_info.cache_expires',
      'bridge_info.total_tools',
    ],
  },
  {
    title: 'architecture: tools/list',
    path: '/mcp/tools/list',
    headers: { ...JSON_HEADERS, 'X-Session-ID': '{session_id}', 'X-Cache-Control': 'max-age=3600' },
    body: '{}',
    shows: ['tools', 'cached', 'cache_expires'],
  },
  {
    title: 'API documentation, 3: tools/call',
    path: '/mcp/tools/call',
    headers: {
      ...JSON_HEADERS,
      'X-Session-ID': '{session_id}',
      'X-Priority': 'HIGH',
      'X-Timeout': '30',
      'X-Request-ID': 'unique-request-id',
    },
    body: '{ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": { "name": "get_entities", "arguments": { "domain": "light" } } }',
    shows: [
      'jsonrpc',
      'id',
      'result.content.0.type',
      'result.content.0.text',
      'result.isError',
      'bridge_info.execution_time_ms',
      'bridge_info.queue_wait_ms',
      'bridge_info.session_id',
      'bridge_info.cached',
    ],
  },
  {
    title: 'architecture: tools/call with a priority',
    path: '/mcp/tools/call',
    headers: { ...JSON_HEADERS, 'X-Session-ID': '{session_id}', 'X-Priority': 'HIGH', 'X-Timeout': '30' },
    body: `{
"name": "get_entities",
"arguments": {"domain": "light"},
"request_id": "another-unique-request-id"
}`,
    shows: ['content.0.text', 'isError', 'bridge_info.queue_wait_ms'],
  },
  {
    title: 'example: every entity',
    path: '/mcp/tools/call',
    headers: { ...JSON_HEADERS, 'X-Session-ID': '{session_id}' },
    body: '{ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "get_entities", "arguments": {"domain": "all"} } }',
    shows: ['result.content.0.text'],
  },
  {
    title: 'example: switch a light',
    path: '/mcp/tools/call',
    headers: { ...JSON_HEADERS, 'X-Session-ID': '{session_id}' },
    body: `{ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "call_service", "arguments": {
  "domain": "light", "service": "turn_on", "entity_id": "light.salon_lamp", "data": {"brightness": 180} } } }`,
    shows: ['result.content.0.text'],
  },
  {
    title: 'example: the state of one entity',
    path: '/mcp/tools/call',
    headers: { ...JSON_HEADERS, 'X-Session-ID': '{session_id}' },
    body: `{ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": { "name": "get_entity_state", "arguments": {
  "entity_id": "sensor.temperature_salon" } } }`,
    shows: ['result.content.0.text'],
  },
  {
    title: 'n8n: the HTTP Request node, its session expression filled in',
    path: '/mcp/tools/call',
    headers: { ...JSON_HEADERS, 'X-Session-ID': '{session_id}', 'X-Priority': 'HIGH' },
    body: '{ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "get_entities", "arguments": {"domain": "light"} } }',
    shows: ['result.content.0.text'],
  },
];
