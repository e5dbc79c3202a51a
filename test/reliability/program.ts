import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
export const EXIT_MISUSED = 64;

/** One thing that a program of this folder had to show. */
export interface Showing {
  readonly what: string;
  readonly isShown: boolean;
}

/** @returns the flags; prints `help` and ends when they ask for it or are wrong */
export function flagsOf<Options extends NonNullable<ParseArgsConfig['options']>>(options: Options, help: string) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } }, strict: true });
    if (!('help' in values)) return values;
    process.stdout.write(help);
    process.exit(0);
  } catch (error) {
    return misused(error instanceof Error ? error.message : String(error), help);
  }
}

/** Ends the program: what its flags ask for makes no sense. */
export function misused(what: string, help: string): never {
  process.stderr.write(`${what}\n\n${help}`);
  process.exit(EXIT_MISUSED);
}

/** A flag's number. Ends the program when it is none. */
export function numberOf(text: string | undefined, otherwise: number, help: string): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  return misused(`${text} is not a number`, help);
}

/** A flag's word, one of a few. Ends the program when it is another. @param flag as it is typed, for the message */
export function choiceOf<Word extends string>(
  flag: string,
  text: string | undefined,
  words: readonly Word[],
  help: string,
): Word | undefined {
  if (text === undefined) return undefined;
  const chosen = words.find((word) => word === text);
  if (chosen !== undefined) return chosen;
  return misused(`${flag} ${text} is unknown: give one of ${words.join(', ')}`, help);
}

/** What a figure is worth nothing without. */
export function machine(): string {
  const [first] = cpus();
  const cores = `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}`;
  return `Node ${process.versions.node}, ${cores}, ${Math.round(totalmem() / 2 ** 30)} GiB, commit ${commit()}`;
}

/** Writes the report and the last line, and says by its exit code whether all was shown. */
export function conclude(suite: string, showings: readonly Showing[], report: object): void {
  const folder = join(ROOT, 'reports/reliability');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${suite}.json`), `${JSON.stringify({ machine: machine(), ...report, showings }, undefined, 2)}\n`);
  const failed = showings.filter(({ isShown }) => !isShown);
  for (const { what } of failed) console.log(`FAILED: ${what}`);
  console.log(`${showings.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
