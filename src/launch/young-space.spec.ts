import { execFileSync } from 'node:child_process';
import { GROWTH_FACTOR } from './young-space.js';

it('the growth of the young space has the name and the default that V8 gives it', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  expect(options).toMatch(new RegExp(`--semi-space-growth-factor .*\\n.*default: --semi-space-growth-factor=${GROWTH_FACTOR}\\n`));
});
