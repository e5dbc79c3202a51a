import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const IS_RECORDED = process.env.HA_TEST_RECORD === '1';

/** What a real Home Assistant of this version was seen to answer; written anew when it is being recorded. */
export function golden(version: string) {
  const file = join(import.meta.dirname, `../../golden/home-assistant-${version}.json`);
  const answers: Record<string, unknown> = !IS_RECORDED && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return {
    facts: Object.keys(answers),
    compare(fact: string, observed: unknown): void {
      if (IS_RECORDED) answers[fact] = observed;
      expect(Object.keys(answers)).toContain(fact);
      expect(observed).toEqual(answers[fact]);
    },
    keep(): void {
      const lines = Object.entries(answers).map(([fact, answer]) => `  ${JSON.stringify(fact)}: ${JSON.stringify(answer)}`);
      if (IS_RECORDED) writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
    },
  };
}
