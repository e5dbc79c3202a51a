/**
 * Why a server did not even begin with a command, by its own word: nothing was done. A script that failed half-way names
 * itself in its error, and what the driver says of a broken connection is no word of the server.
 */
export type ServerRefusal = 'out_of_memory' | 'refused';

export function refusalOf(error: unknown): ServerRefusal | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError' || FAILED_INSIDE.test(error.message)) return undefined;
  if (error.message.startsWith('OOM ')) return 'out_of_memory';
  return isRefusedForNow(error) || OF_THIS_CLIENT.test(error.message) ? 'refused' : undefined;
}

/** The same may pass later: a full disk, a script of somebody else, a server that loads or was demoted. */
export function isRefusedForNow(error: unknown): boolean {
  return error instanceof Error && FOR_NOW.test(error.message);
}

const FOR_NOW = /^(MISCONF|BUSY|LOADING|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN) /;
const OF_THIS_CLIENT = /^(NOAUTH|NOPERM|MOVED|ASK|CROSSSLOT) /;
const FAILED_INSIDE = / script: [0-9a-f]{40}, on /;
