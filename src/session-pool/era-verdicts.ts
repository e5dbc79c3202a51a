export type Era = '2025' | '2026';

/** What is remembered about a server's era, by fingerprint; shared by replicas, so both ways may take time. */
export interface EraVerdicts {
  /** Undefined: unknown, or due to be tried again. */
  get(fingerprint: string): Promise<Era | undefined>;
  remember(fingerprint: string, era: Era): Promise<void>;
}
