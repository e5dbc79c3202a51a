// Runs the programs of this folder from their sources: `node --import ./test/support/run-typescript.mjs program.ts`.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
