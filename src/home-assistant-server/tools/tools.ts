import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callService } from './call-service.js';
import { createAutomation } from './create-automation.js';
import { getEntities } from './get-entities.js';
import { getEntityState } from './get-entity-state.js';
import { getHistory } from './get-history.js';
import { getServices } from './get-services.js';
import { listAutomations } from './list-automations.js';
import { toggleAutomation } from './toggle-automation.js';
import type { Tool } from './tool.js';

/** What `tools/list` answers: names, descriptions and schemas as they stand in the file beside this one. */
export interface ToolDescription {
  [key: string]: unknown;
  name: string;
  description: string;
  inputSchema: { type: 'object'; [key: string]: unknown };
}

export const TOOL_LIST = JSON.parse(readFileSync(join(import.meta.dirname, 'tool-list.json'), 'utf8')) as ToolDescription[];

const TOOLS: readonly Tool[] = [
  getEntities,
  getEntityState,
  callService,
  getServices,
  getHistory,
  createAutomation,
  listAutomations,
  toggleAutomation,
];

export function toolNamed(name: string): Tool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}
