/** One line of what this bridge promises to withstand; a test names the id it proves. */
export interface Requirement {
  readonly id: string;
  /** Why no test has to cite it in this version. */
  readonly notYet?: string;
}

const NO_REDIS = 'there is no cluster adapter yet';
const NO_NATIVE_DOOR = 'the native MCP door is not built yet';
const NOT_CITED = 'held by unit and integration tests that do not name it yet';

const claimed = (...ids: string[]): Requirement[] => ids.map((id) => ({ id }));
const later = (notYet: string, ...ids: string[]): Requirement[] => ids.map((id) => ({ id, notYet }));

export const REQUIREMENTS: readonly Requirement[] = [
  ...claimed('T1', 'T2', 'T3', 'T4', 'T5', 'T8', 'T12', 'T13', 'T21', 'T22', 'T23'),
  ...later(NOT_CITED, 'T6', 'T7', 'T9', 'T11', 'T14', 'T15', 'T16', 'T18', 'T24'),
  ...later(NO_NATIVE_DOOR, 'T10', 'T20', 'CVE-2026-25536', 'CVE-2026-111768'),
  ...later(
    NO_REDIS,
    'T17',
    'F6',
    'F7',
    'F8',
    'F9',
    'F10',
    'F11',
    'F12',
    'F13',
    'F15',
    'F16',
    'F17',
    'F27',
    'CVE-2025-49844',
    'CVE-2026-23479',
  ),
  ...later('keys only, no JWT', 'T19'),
  ...later('there is no image or chart yet', 'T25', 'F14'),
  ...later(NOT_CITED, 'F1', 'F2', 'F3', 'F4', 'F5', 'F18', 'F19', 'F20', 'F21', 'F22', 'F23', 'F24', 'F25', 'F26'),
  ...later(NOT_CITED, 'CVE-2026-116686', 'CVE-2026-30827', 'CVE-2026-0621', 'CVE-2026-53709'),
  ...claimed(
    'CVE-2025-49596',
    'CVE-2026-23744',
    'GHSA-wvr4-3wq4-gpc5',
    'CVE-2025-66414',
    'CVE-2026-42559',
    'CVE-2026-2293',
    'CVE-2026-33011',
  ),
  ...claimed('CVE-2026-54281', 'GHSA-f897-62hf-6gxq', 'CVE-2026-52869', 'GHSA-qvqr-5cv7-wh35', 'CVE-2025-68143', 'CVE-2025-53109'),
  ...claimed('CVE-2026-35515', 'CVE-2026-21710', 'CVE-2025-59466', 'CVE-2025-15284', 'CVE-2024-45590', 'CVE-2024-45296'),
];
