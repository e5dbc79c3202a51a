import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Machine } from './machine.js';

/** @throws Error with what the API server has against one of them */
export async function create(machine: Machine, objects: readonly object[]): Promise<void> {
  const file = join(mkdtempSync(join(machine.folder, 'objects-')), 'objects.yaml');
  writeFileSync(file, objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'));
  await machine.run('kubectl', 'create', '--validate=strict', '-f', file);
}

/** What `kubectl get` finds; one object or a list, as asked. */
export async function get(machine: Machine, ...args: readonly string[]): Promise<any> {
  return JSON.parse(await machine.run('kubectl', 'get', '-o', 'json', ...args));
}

/** The custom resources that the chart may make objects of. */
export async function defineCustomResources(machine: Machine): Promise<void> {
  const folder = `${process.env.CUSTOM_RESOURCES!}/definitions`;
  const definitions = readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8')));
  for (const { metadata, spec } of definitions) {
    // Kubernetes lets nobody else define resources in groups of its own
    if (spec.group.endsWith('.k8s.io')) metadata.annotations['api-approved.kubernetes.io'] = 'unapproved, for tests';
  }
  await create(machine, definitions);
  await machine.run('kubectl', 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
}
