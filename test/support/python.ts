import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Python with httpx: in a folder of its own, made once. */
export function python(): string {
  const folder = join(import.meta.dirname, '../../.venv');
  const program = join(folder, 'bin/python');
  if (!existsSync(join(folder, 'ready'))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    must('python3', '-m', 'venv', folder);
    must(
      program,
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      join(import.meta.dirname, '../examples/requirements.txt'),
    );
    writeFileSync(join(folder, 'ready'), '');
  }
  return program;
}

function must(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
