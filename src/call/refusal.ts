import type { BridgeError } from './bridge-error.js';

/** Goes into `data` when the upstream is there and will not have us: only the operator can help, nothing may stand in. */
export const REFUSED = { refused: true } as const;

export function isRefusal({ reason, data }: BridgeError): boolean {
  return reason === 'upstream_unavailable' && data.refused === true;
}
