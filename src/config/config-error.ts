/** One thing wrong with the configuration, in words that name the remedy. Never holds the value of a secret. */
export interface Problem {
  /** The key as an operator writes it: `queue.max_size`, `upstreams.ledger.args[0]`. */
  readonly key: string;
  readonly message: string;
  /** Where it stands; `environment` for a variable. Absent when nobody wrote it. */
  readonly file?: string;
  readonly line?: number;
}

/** Everything wrong with a configuration, told at once. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(describe).join('\n'));
    this.name = 'ConfigError';
  }
}

function describe({ file, line, key, message }: Problem): string {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  return `${place ? `${place} ` : ''}${key}: ${message}`;
}
