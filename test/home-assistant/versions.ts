/** The versions that run from a lock file alone, and the Python each of them is the last for. */
export const VERSIONS = {
  '2024.3.3': { python: '3.11' },
  '2025.4.4': { python: '3.13' },
} as const satisfies Record<string, { python: string }>;

export type Version = keyof typeof VERSIONS;

export const DEFAULT_VERSION: Version = '2024.3.3';

export function isVersion(text: string): text is Version {
  return Object.hasOwn(VERSIONS, text);
}
