import fc from 'fast-check';
import { BridgeError } from '../call/bridge-error.js';
import { readBody, readParams } from './call-body.js';
import { CompletionParams, InitializeParams, ToolCallParams } from './call-params.dto.js';

const refusal = (attempt: () => unknown): BridgeError => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof BridgeError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe(readBody.name, () => {
  it('takes a body with jsonrpc or method for an envelope and anything else for the short form', () => {
    expect(readBody({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'x' } }, 'tools/call')).toEqual({
      form: 'envelope',
      id: 3,
      params: { name: 'x' },
    });
    expect(readBody({ method: 'tools/call', params: {} }, 'tools/call')).toMatchObject({ form: 'envelope', id: null });
    expect(readBody({ name: 'x', arguments: {}, request_id: 'r1' }, 'tools/call')).toEqual({
      form: 'short',
      id: null,
      params: { name: 'x', arguments: {} },
      requestId: 'r1',
    });
    expect(readBody({}, 'tools/list')).toEqual({ form: 'short', id: null, params: {} });
  });

  it('finds the request id of an envelope beside its params or among them, and sends it to no upstream', () => {
    const envelope = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'x', request_id: 'inside' } };
    expect(readBody(envelope, 'tools/call')).toMatchObject({ params: { name: 'x' }, requestId: 'inside' });
    expect(readBody(envelope, 'tools/call').params).toEqual({ name: 'x' });
    expect(readBody({ ...envelope, request_id: 'beside' }, 'tools/call').requestId).toBe('beside');
    const wrong = { ...envelope, params: { name: 'x', request_id: 'with space' } };
    expect(refusal(() => readBody(wrong, 'tools/call'))).toMatchObject({ reason: 'invalid_params' });
  });

  it.each(['text', 7, null, 0, 1.5, -(2 ** 53) + 1])('keeps the id %p as it came', (id) => {
    expect(readBody({ jsonrpc: '2.0', id, method: 'tools/list' }, 'tools/list').id).toBe(id);
  });

  it.each<[string, unknown, string]>([
    ['a batch', [{ jsonrpc: '2.0' }], 'body'],
    ['no object', 'text', 'body'],
    ['no body', undefined, 'body'],
    ['another version', { jsonrpc: '1.0', method: 'tools/call' }, 'jsonrpc'],
    ['an envelope of another method', { jsonrpc: '2.0', method: 'tools/list' }, 'method'],
    ['an envelope without a method', { jsonrpc: '2.0', id: 1 }, 'method'],
    ['an id that is an object', { jsonrpc: '2.0', method: 'tools/call', id: {} }, 'id'],
    ['an id that would lose its last digits', { jsonrpc: '2.0', method: 'tools/call', id: 2 ** 53 }, 'id'],
    ['an id that is a boolean', { jsonrpc: '2.0', method: 'tools/call', id: true }, 'id'],
  ])('refuses %s, naming the field', (_what, body, field) => {
    expect(refusal(() => readBody(body, 'tools/call'))).toMatchObject({ reason: 'invalid_request', data: { field } });
  });

  it.each([[1], ['with space'], ['x'.repeat(129)], ['é'], [{}]])('refuses the request id %p', (requestId) => {
    expect(refusal(() => readBody({ name: 'x', request_id: requestId }, 'tools/call'))).toMatchObject({ reason: 'invalid_params' });
  });

  it('refuses whatever else comes with a BridgeError and nothing worse', () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        try {
          readBody(body, 'tools/call');
        } catch (error) {
          expect(error).toBeInstanceOf(BridgeError);
        }
      }),
    );
  });
});

describe(readParams.name, () => {
  it.each([[{}], [{ name: '' }], [{ name: 7 }], [{ name: 'x'.repeat(257) }], [{ name: null }]])('refuses the tool name of %j', (params) => {
    expect(refusal(() => readParams(ToolCallParams, params))).toMatchObject({
      reason: 'invalid_params',
      data: { errors: [{ field: 'name' }] },
    });
  });

  it.each([[{ name: 'x', arguments: [] }], [{ name: 'x', arguments: 'text' }], [{ name: 'x', arguments: 1 }]])(
    'refuses the arguments of %j',
    (params) => {
      expect(refusal(() => readParams(ToolCallParams, params)).data).toMatchObject({ errors: [{ field: 'arguments' }] });
    },
  );

  it('names every wrong field at once', () => {
    expect(refusal(() => readParams(CompletionParams, { ref: 1, argument: 2 })).data).toMatchObject({
      errors: [{ field: 'ref' }, { field: 'argument' }],
    });
  });

  it('takes null for absent', () => {
    expect(readParams(ToolCallParams, { name: 'x', arguments: null }).name).toBe('x');
    expect(readParams(InitializeParams, { protocolVersion: '2024-11-05', capabilities: null }).protocolVersion).toBe('2024-11-05');
  });
});
