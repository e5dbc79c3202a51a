// Writes the dashboards of docker/grafana and gives the chart its copies of them and of the alerts: `npm run dashboards`;
// with `--check` it only compares.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { operations } from './operations.mjs';
import { overview } from './overview.mjs';

const root = join(import.meta.dirname, '..', '..');
const chart = 'helm/http-mcp-bridge/files';

for (const [name, dashboard] of Object.entries({ overview, operations })) {
  const text = `${JSON.stringify(dashboard, null, 2)}\n`;
  keep(`docker/grafana/dashboards/${name}.json`, text);
  keep(`${chart}/dashboards/${name}.json`, text);
}
keep(`${chart}/alerts.yaml`, readFileSync(join(root, 'docker/prometheus/alerts.yaml'), 'utf8'));

function keep(path, text) {
  if (process.argv.includes('--check')) compare(path, text);
  else {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function compare(path, text) {
  if (readFileSync(join(root, path), 'utf8') === text) return;
  console.error(`${path} is not what it is made from: run npm run dashboards`);
  process.exitCode = 1;
}
