import { BridgeError } from '../call/bridge-error.js';
import type { SharedState } from '../shared-state/shared-state.js';
import type { Era, EraVerdicts } from './era-verdicts.js';

const DAY_MS = 86_400_000;
/** A verdict for 2025 never fails loudly when the server learns 2026, so it is asked again each day. */
const KEPT_MS: Readonly<Record<Era, number>> = { '2025': DAY_MS, '2026': 30 * DAY_MS };

/** Verdicts that all replicas share; without the store every child is simply asked. */
export class SharedVerdicts implements EraVerdicts {
  constructor(private readonly shared: SharedState) {}

  async get(fingerprint: string): Promise<Era | undefined> {
    const era = await unlessAway(this.shared.get(keyOf(fingerprint)));
    return era === '2025' || era === '2026' ? era : undefined;
  }

  async remember(fingerprint: string, era: Era): Promise<void> {
    await unlessAway(this.shared.put(keyOf(fingerprint), era, KEPT_MS[era]));
  }
}

function keyOf(fingerprint: string): string {
  return `era:${fingerprint}`;
}

async function unlessAway<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof BridgeError && error.reason === 'store_away') return undefined;
    throw error;
  }
}
