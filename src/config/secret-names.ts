const SECRET_NAME = /token|secret|passw|passphrase|credential|authorization|cookie|(?:api|private)[-_]?key|key$|(?:^|[-_])auth$/i;

/** Whether what goes by this name should never be shown, be it a variable, a flag or a field of a log line. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
