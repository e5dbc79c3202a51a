import { isJsonObject, type Json } from '../call/json.js';

export type Order = 'leave' | 'hurry';

/**
 * In a worker: leaves when its parent says so, or at a signal. A terminal and some supervisors send theirs to parent and
 * workers alike, so only the parent can say that it was the second one.
 */
export function obeyParent(leave: (why: string) => void): void {
  let isLeaving = false;
  const leaveOnce = (why: string) => {
    if (!isLeaving) leave(why);
    isLeaving = true;
  };
  process.on('message', (message: Json) => {
    if (!isJsonObject(message)) return;
    if (message.order === 'leave') leaveOnce('asked');
    if (message.order === 'hurry') leave('asked to hurry');
  });
  process.on('SIGTERM', leaveOnce);
  process.on('SIGINT', leaveOnce);
  // for its log files, or sent by a terminal that tells the parent too
  process.on('SIGHUP', () => undefined);
}
