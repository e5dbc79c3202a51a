import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { EXIT_MISUSED } from './program.js';

const LOADER = join(__dirname, '../support/run-typescript.mjs');

function startedWith(program: string, ...flags: string[]) {
  return spawnSync(process.execPath, ['--import', LOADER, join(__dirname, program), ...flags], { encoding: 'utf8' });
}

describe('A program of this folder', () => {
  it.each([
    ['history/main.ts', '--mix', 'beyonds', 'within, beyond'],
    ['restart/main.ts', '--only', 'envoy', 'haproxy, nginx, redis'],
    ['restart/main.ts', '--signal', 'SIGHUP', 'SIGTERM, SIGKILL'],
  ])('%s does not start with an unknown %s', (program, flag, word, known) => {
    const { status, stdout, stderr } = startedWith(program, flag, word);
    expect(status).toBe(EXIT_MISUSED);
    expect(stderr).toMatch(`${flag} ${word} is unknown: give one of ${known}\n`);
    expect(stdout).toBe('');
  });

  it('does not start when its flags together leave nothing to do', () => {
    const { status, stderr } = startedWith('restart/main.ts', '--only', 'redis', '--signal', 'SIGTERM');
    expect(status).toBe(EXIT_MISUSED);
    expect(stderr).toMatch('leaves nothing to do');
  });
});
