import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = ['--import', './test/support/run-typescript.mjs', 'bench/collision/run.ts'];
const MINUTE_MS = 60_000;

function run(...args: string[]): { status: number | null; lines: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...PROGRAM, ...args], { cwd: ROOT, encoding: 'utf8' });
  return { status, lines: (stdout + stderr).split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | ')) };
}

describe('npm run demo:collision', () => {
  it(
    'shows toggles that are lost without the bridge and none that is lost with it',
    () => {
      const { status, lines } = run('--toggles', '5');
      expect(status).toBe(0);
      expect(lines).toEqual(
        expect.arrayContaining([
          ' | to Home Assistant | through the bridge',
          'answered with success | 5 of 5 | 5 of 5',
          'changes of the lamp | 1 | 5',
          'the lamp before, after | off, on | off, on',
        ]),
      );
    },
    MINUTE_MS,
  );

  it.each([
    ['a house without a token', ['--url', 'http://127.0.0.1:1'], '--token-file'],
    ['a version that it cannot install', ['--real', '1.0'], '2024.3.3'],
  ])('says in one line what is wrong with %s', (_, args, word) => {
    const { status, lines } = run(...args);
    expect([status, lines.filter((line) => line !== '').length]).toEqual([2, 1]);
    expect(lines[0]).toContain(word);
  });
});
