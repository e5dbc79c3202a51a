const SECRET_NAME = /token|secret|passw|passphrase|api[-_]?key|apikey|authorization|credential|private[-_]?key|cookie/i;

/** Whether what goes by this name should never be shown. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
