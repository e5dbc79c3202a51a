import { applyDecorators, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiBody, ApiDefaultResponse, ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, getSchemaPath } from '@nestjs/swagger';
import { PRIORITIES } from '../call/priority.js';
import { BridgeInfoDto, ErrorEnvelope, ID } from './answers.dto.js';
import { TOKEN_PATTERN } from './call-params.dto.js';

interface RouteWords {
  readonly summary: string;
  readonly params: new () => object;
  readonly example?: object;
}

/** One POST route of the contract: its path is its MCP method, its body has either form, and the OpenAPI page says so. */
export function CallRoute(method: string, { summary, params, example }: RouteWords): MethodDecorator {
  return applyDecorators(
    Post(method),
    HttpCode(HttpStatus.OK),
    ApiOperation({ summary, description: `The body is a JSON-RPC envelope of \`${method}\` or, in the short form, its params alone.` }),
    ApiExtraModels(params, BridgeInfoDto, ErrorEnvelope),
    ...REQUEST_HEADERS.map((header) => ApiHeader(header)),
    ApiBody({ schema: { anyOf: [envelopeOf(method, params), shortOf(params)], ...(example && { example }) } }),
    ApiOkResponse({ description: 'The result, in the form of the request', schema: answerOf() }),
    ApiDefaultResponse({ description: 'Every error, with the status that belongs to its code', type: ErrorEnvelope }),
  );
}

const REQUEST_ID = { type: 'string', pattern: TOKEN_PATTERN.source };

const REQUEST_HEADERS = [
  { name: 'X-Session-ID', description: 'From initialize; absent: a one-shot call', required: false },
  { name: 'X-Client-ID', description: 'A label for logs', required: false, schema: { type: 'string', maxLength: 128 } },
  { name: 'X-Priority', description: "Default: the tool's own class", required: false, schema: { type: 'string', enum: [...PRIORITIES] } },
  {
    name: 'X-Timeout',
    description: 'Seconds, waiting included',
    required: false,
    schema: { type: 'number', minimum: 0.001, maximum: 300 },
  },
  { name: 'X-Request-ID', description: 'Idempotency key', required: false, schema: REQUEST_ID },
  { name: 'X-Cache-Control', description: 'max-age=N, no-cache, no-store, only-if-cached', required: false },
];

function envelopeOf(method: string, params: new () => object) {
  return {
    type: 'object',
    required: ['method'],
    properties: {
      jsonrpc: { type: 'string', enum: ['2.0'] },
      id: ID,
      method: { type: 'string', enum: [method] },
      params: { $ref: getSchemaPath(params) },
      request_id: REQUEST_ID,
    },
  };
}

function shortOf(params: new () => object) {
  return { allOf: [{ $ref: getSchemaPath(params) }, { type: 'object', properties: { request_id: REQUEST_ID } }] };
}

function answerOf() {
  return {
    type: 'object',
    properties: {
      jsonrpc: { type: 'string', enum: ['2.0'] },
      id: ID,
      result: { type: 'object', additionalProperties: true },
      bridge_info: { $ref: getSchemaPath(BridgeInfoDto) },
    },
    additionalProperties: true,
  };
}
