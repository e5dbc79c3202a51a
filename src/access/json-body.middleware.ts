import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { BridgeError } from '../call/bridge-error.js';
import { checkShape } from './body-shape.js';
import type { LimitsConfig } from './limits.config.js';

/**
 * Reads a JSON body. Written by hand because every call passes here: no stream layers, no decompression to be abused,
 * and most bodies are one chunk that is parsed as it came.
 */
export function jsonBody(limits: LimitsConfig): RequestHandler {
  return (request, _response, next) => {
    if (!hasBody(request)) {
      next();
      return;
    }
    const refuse = (error: unknown) => {
      // What is still on its way is thrown away, so that the refusal reaches a client that is busy sending.
      request.resume();
      next(error);
    };
    const problem = headerProblem(request, limits.bodyBytes);
    if (problem) {
      refuse(problem);
      return;
    }
    const take = (bytes: Buffer) => {
      try {
        request.body = readJson(bytes, limits);
      } catch (error) {
        refuse(error);
        return;
      }
      next();
    };
    readBytes(request, limits.bodyBytes, take, refuse);
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function headerProblem({ headers }: IncomingMessage, maxBytes: number): BridgeError | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    return refusal('unsupported_media_type', 'Send the body uncompressed', { accept_encoding: 'identity' });
  const type = headers['content-type'];
  if (type !== 'application/json' && !isJson(type))
    return refusal('unsupported_media_type', 'Content-Type must be application/json, in UTF-8', { accept: 'application/json' });
  return Number(headers['content-length']) > maxBytes ? tooManyBytes(maxBytes) : undefined;
}

function isJson(contentType = ''): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  return type.trim() === 'application/json' && parameters.every(isHarmless);
}

function isHarmless(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=');
  return name.trim() !== 'charset' || /^"?utf-?8"?$/.test(value.trim());
}

/** Calls one of the two back, once. Not a promise: the turns of its chain would cost every call more than the reading. */
function readBytes(request: IncomingMessage, maxBytes: number, take: (bytes: Buffer) => void, refuse: (error: BridgeError) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const stop = (error: BridgeError) => {
    if (isOver) return;
    isOver = true;
    request.off('data', collect);
    refuse(error);
  };
  const collect = (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size > maxBytes) stop(tooManyBytes(maxBytes));
  };
  request.on('data', collect);
  request.on('end', () => {
    if (isOver) return;
    isOver = true;
    take(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
  });
  request.on('error', () => stop(refusal('parse_error', 'The connection ended within the body')));
}

function readJson(bytes: Buffer, limits: LimitsConfig): unknown {
  if (!isUtf8(bytes)) throw refusal('parse_error', 'The body is not UTF-8');
  const body = parse(bytes.toString('utf8'));
  checkShape(body, limits);
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // V8's own message quotes the body, which may hold a secret.
    throw refusal('parse_error', 'The body is not JSON');
  }
}

function tooManyBytes(limit: number): BridgeError {
  return refusal('too_large', `The body is over ${limit} bytes`, { limit, of: 'bytes' });
}

function refusal(
  name: 'parse_error' | 'unsupported_media_type' | 'too_large',
  message: string,
  data: Record<string, string | number> = {},
): BridgeError {
  return new BridgeError(name, message, { ...data, outcome: 'not_started' });
}
