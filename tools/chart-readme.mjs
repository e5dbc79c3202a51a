// Writes the table of values in the chart's README from the comments of its values.yaml: `node tools/chart-readme.mjs`;
// with `--check` it only says whether the README is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, parseDocument } from 'yaml';

const chart = join(import.meta.dirname, '..', 'helm', 'http-mcp-bridge');
const readme = join(chart, 'README.md');
const MARK = '<!-- values -->';

const rows = [];
collect(parseDocument(readFileSync(join(chart, 'values.yaml'), 'utf8')).contents, '');
const table = ['| key | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
const text = readFileSync(readme, 'utf8');
const fresh = `${text.slice(0, text.indexOf(MARK) + MARK.length)}\n\n${table}\n`;

if (!process.argv.includes('--check')) writeFileSync(readme, fresh);
else if (fresh !== text) {
  console.error('helm/http-mcp-bridge/README.md is not that of values.yaml: run node tools/chart-readme.mjs');
  process.exitCode = 1;
}

function collect(map, above) {
  map.items.forEach(({ key, value }, index) => {
    const path = above ? `${above}.${key.value}` : key.value;
    const meaning = noteOf(key.commentBefore ?? (index === 0 ? map.commentBefore : undefined));
    if (isMap(value) && value.items.length > 0 && !meaning) return collect(value, path);
    rows.push(`| \`${path}\` | \`${JSON.stringify(value.toJSON())}\` | ${meaning} |`);
  });
}

function noteOf(comment) {
  const note = /(?:^|\n)\s*-- ([\s\S]*)$/.exec(comment ?? '')?.[1] ?? '';
  return note.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}
