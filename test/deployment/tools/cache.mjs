import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { say } from './progress.mjs';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'http-mcp-bridge', 'tools');

/**
 * A folder that `make` filled, once for each name and version: what was begun and not finished does not count.
 * @param make gets an empty folder
 */
export async function cached(name, version, make) {
  const folder = join(cache, `${name}@${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, '.draft-'));
  try {
    say(`making ${name} ${version} (once, kept in ${cache})`);
    await make(draft);
    if (!existsSync(folder)) renameSync(draft, folder);
    return folder;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
