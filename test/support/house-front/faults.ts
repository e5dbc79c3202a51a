import type { Fields } from '../../../src/home-assistant-server/fields.js';

/**
 * What may become of one command.
 * - `slow`: it takes this long before the house does it.
 * - `refuse`: an error with this code; over REST this status.
 * - `drop`: the connection ends before it is done; `lose_answer`: after it is done, before it is answered.
 * - `hang`: neither done nor answered; `late`: done, and answered at `release`.
 * - `answer`: answered with this, without asking the house; `edit`: the house's answer, changed.
 */
export type Fault =
  | { readonly as: 'slow'; readonly ms: number }
  | { readonly as: 'refuse'; readonly code: string; readonly message?: string; readonly status?: number }
  | { readonly as: 'drop' }
  | { readonly as: 'lose_answer' }
  | { readonly as: 'hang' }
  | { readonly as: 'late' }
  | { readonly as: 'answer'; readonly result: unknown }
  | { readonly as: 'edit'; readonly edit: (result: unknown) => unknown };

interface Rule {
  readonly command: string;
  readonly fault: Fault;
  readonly isMeant: (fields: Fields) => boolean;
  times: number;
}

/** Faults by command, for all or for the next few. The youngest rule is asked first. */
export class Faults {
  private rules: Rule[] = [];

  /** @param command the type of a WebSocket command, or the beginning of method and path */
  always(command: string, fault: Fault, isMeant: Rule['isMeant'] = () => true): void {
    this.rules.unshift({ command, fault, isMeant, times: Infinity });
  }

  next(command: string, fault: Fault, times = 1, isMeant: Rule['isMeant'] = () => true): void {
    this.rules.unshift({ command, fault, isMeant, times });
  }

  clear(): void {
    this.rules = [];
  }

  take(command: string, fields: Fields): Fault | undefined {
    const rule = this.rules.find((one) => one.times > 0 && command.startsWith(one.command) && one.isMeant(fields));
    if (rule) rule.times -= 1;
    return rule?.fault;
  }
}
