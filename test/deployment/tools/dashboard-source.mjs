import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.mjs';
import { say } from './progress.mjs';

/** What the dashboards are made with, from its own lock file. */
export function dashboardSource() {
  const folder = join(import.meta.dirname, '..', '..', '..', 'tools', 'dashboards');
  if (!existsSync(join(folder, 'node_modules'))) {
    say('installing what the dashboards are made with');
    command('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  }
  return join(folder, 'write.mjs');
}
