import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Json } from '../../call/json.js';

/** The body of an outcome as it travels and is kept. */
export interface OutcomeBody {
  /** JSON text, or gzip of it. */
  readonly bytes: Buffer;
  /** Of the JSON text: what limits and `omittedBytes` count. */
  readonly textBytes: number;
}

const PACK_OVER_BYTES = 4_096;
/** No JSON text begins so. */
const GZIP_MAGIC = 0x1f;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

export async function packBody(body: Json): Promise<OutcomeBody> {
  const text = Buffer.from(JSON.stringify(body));
  const bytes = text.length > PACK_OVER_BYTES ? await pack(text, { level: 1 }) : text;
  return { bytes, textBytes: text.length };
}

export async function unpackBody(bytes: Buffer): Promise<Json> {
  const text = bytes[0] === GZIP_MAGIC ? await unpack(bytes) : bytes;
  return JSON.parse(text.toString()) as Json;
}
