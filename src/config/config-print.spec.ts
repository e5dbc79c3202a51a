import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { printedConfig } from './config-print.js';
import { loadConfig } from './load-config.js';

describe('printedConfig', () => {
  const env = { HASS_TOKEN: 'canary-1', API_TOKEN: 'canary-2', REDIS_URL: 'redis://:canary-3@localhost:6379' };
  const file = JSON.stringify({
    queue: { max_size: 7 },
    upstreams: {
      a: {
        command: 'x',
        args: ['--token', 'canary-4', '--api-key=canary-5', '${API_TOKEN}', 'shown'],
        env: { ANY: 'canary-6' },
        policy: { tools: { set: {} } },
      },
    },
  });

  it('shows no secret, by name or by value', () => {
    const printed = printedConfig(loadConfig({ files: [file], env })) + printedConfig(loadConfig({ env }));
    expect(printed).not.toContain('canary');
    expect(printed).toContain('shown');
  });

  it('is a file that loads and says the same', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'bridge-print-')), 'printed.yaml');
    const loaded = loadConfig({ files: [file], env: { API_TOKEN: 'shown', BRIDGE__AUDIT__FILE: '/audit' } });
    writeFileSync(path, printedConfig({ ...loaded, secrets: [] }));
    const again = loadConfig({ files: [path], env: {} });
    rmSync(dirname(path), { recursive: true });
    expect(printedConfig({ ...again, secrets: [] })).toBe(printedConfig({ ...loaded, secrets: [] }));
  });
});
