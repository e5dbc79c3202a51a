/** One line of what this bridge promises to withstand. */
export type Requirement =
  | { readonly id: string; /** The spec that proves it, and names it. */ readonly provedBy: string }
  | { readonly id: string; /** Why none does in this version. */ readonly notYet: string };

const NO_NATIVE_DOOR = 'the native MCP door is not built yet';
const UNNAMED = 'held by unit and integration tests that do not name it yet';

const by = (provedBy: string, ...ids: string[]): Requirement[] => ids.map((id) => ({ id, provedBy }));
const later = (notYet: string, ...ids: string[]): Requirement[] => ids.map((id) => ({ id, notYet }));

export const REQUIREMENTS: readonly Requirement[] = [
  ...by('reliability/security/auth-matrix.spec.ts', 'T1', 'CVE-2026-2293', 'CVE-2026-33011', 'CVE-2026-54281'),
  ...by('reliability/security/browser.spec.ts', 'T2', 'CVE-2025-66414', 'CVE-2026-42559'),
  ...by('reliability/security/isolation.spec.ts', 'T3', 'T4', 'T5'),
  ...by('reliability/security/greed.spec.ts', 'T6'),
  ...by('reliability/security/input.spec.ts', 'T7', 'T8', 'CVE-2026-30827', 'GHSA-f897-62hf-6gxq'),
  ...by('reliability/security/sockets.spec.ts', 'T9', 'T11'),
  ...by('reliability/security/children.spec.ts', 'T12', 'T13', 'CVE-2025-49596', 'CVE-2026-23744', 'GHSA-wvr4-3wq4-gpc5'),
  ...by('reliability/security/children.spec.ts', 'CVE-2026-52869', 'GHSA-qvqr-5cv7-wh35', 'CVE-2025-68143', 'CVE-2025-53109'),
  ...by('reliability/security/children.spec.ts', 'CVE-2026-35515', 'CVE-2026-21710', 'CVE-2025-59466'),
  ...by('integration/misbehaving.spec.ts', 'T14', 'T15'),
  ...by('reliability/children/orphans.spec.ts', 'T16'),
  ...by('reliability/security/catalog.spec.ts', 'T18'),
  ...by('reliability/security/tokens.spec.ts', 'T19'),
  ...by('reliability/security/key-rights.spec.ts', 'T21'),
  ...by('reliability/security/secrets.spec.ts', 'T22'),
  ...by('reliability/security/series.spec.ts', 'T23'),
  ...by('reliability/security/audit.spec.ts', 'T24'),
  ...by('integration/crosstalk.spec.ts', 'CVE-2026-25536'),
  ...by('reliability/advisories/references.spec.ts', 'CVE-2026-116686'),
  ...by('reliability/advisories/patterns.spec.ts', 'CVE-2026-0621'),
  ...by('reliability/advisories/shipped-secrets.spec.ts', 'CVE-2026-53709', 'CVE-2026-78573'),
  ...by('reliability/advisories/floors.spec.ts', 'CVE-2025-15284', 'CVE-2024-45590', 'CVE-2024-45296'),
  ...by('integration/crashes.spec.ts', 'F1'),
  ...by('integration/deadlines.spec.ts', 'F2', 'F18'),
  ...by('integration/outage.spec.ts', 'F3', 'F4', 'F21', 'F22'),
  ...by('reliability/faults/limits.spec.ts', 'F5', 'F24', 'F26'),
  ...later(UNNAMED, 'F19', 'F20', 'F23', 'F25'),
  ...later(NO_NATIVE_DOOR, 'T10', 'T20', 'CVE-2026-111768'),
  ...by('reliability/faults/queue-deaths.spec.ts', 'F13', 'F15', 'F16'),
  ...by('reliability/faults/queue-replies.spec.ts', 'T17', 'F8', 'F9', 'F17'),
  ...by('reliability/faults/queue-store.spec.ts', 'F6', 'F7', 'F11', 'F12', 'F27'),
  ...later('Sentinel is not part of the tests yet', 'F10'),
  ...later(
    'versions of Redis are named in the docs, and only the oldest line that is taken is checked',
    'CVE-2025-49844',
    'CVE-2026-23479',
  ),
  ...later('proved by the programs for images, chart and restarts, not by a spec', 'T25', 'F14'),
];
