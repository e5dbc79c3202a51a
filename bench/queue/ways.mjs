import { ownReply, waitUntilFinished } from './bare-bullmq.mjs';
import { embedded, fastLane, fullPath } from './work-queue.mjs';

const KINDS = ['read', 'write'];
const TWO = ['front', 'worker'];
const ONE = ['front'];

/** From a caller to a run and back, by which processes; the first is what the others are divided by. */
export const WAYS = {
  'BullMQ, own reply': { ...ownReply, roles: TWO, kinds: ['no-op'] },
  'BullMQ, waitUntilFinished': { ...waitUntilFinished, roles: TWO, kinds: ['no-op'] },
  'full path': { ...fullPath, roles: TWO, kinds: KINDS },
  'fast lane': { ...fastLane, roles: ONE, kinds: KINDS },
  embedded: { ...embedded, roles: ONE, kinds: KINDS },
};
