import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { cached } from './cache.mjs';
import { command } from './command.mjs';
import { goCommand } from './go-commands.mjs';

const OPERATORS = [
  ['github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring', 'v0.94.0', ['v1']],
  ['sigs.k8s.io/gateway-api', 'v1.6.0', ['apis/v1']],
  ['github.com/kedacore/keda/v2', 'v2.21.0', ['apis/keda/v1alpha1', 'apis/eventing/v1alpha1']],
];
const environment = { ...process.env, GOFLAGS: '-mod=mod' };

/** The definitions of the custom resources, generated from the operators' Go types, and the JSON schemas in them. */
export async function customResources() {
  const generator = await goCommand(
    'controller-gen',
    'sigs.k8s.io/controller-tools',
    'v0.23.0',
    'sigs.k8s.io/controller-tools/cmd/controller-gen',
  );
  const version = OPERATORS.map(([, version]) => version).join('_');
  const folder = await cached('custom-resources', version, (draft) => {
    const definitions = join(draft, 'definitions');
    mkdirSync(definitions);
    for (const operator of OPERATORS) generate(generator, definitions, ...operator);
    mkdirSync(join(draft, 'schemas'));
    for (const file of readdirSync(definitions)) writeSchemas(parse(readFileSync(join(definitions, file), 'utf8')), join(draft, 'schemas'));
  });
  process.env.CUSTOM_RESOURCES = folder;
  return join(folder, 'definitions');
}

/** In a module of its own: the requirements of two operators need not agree. */
function generate(generator, definitions, module, version, packages) {
  const cwd = mkdtempSync(join(tmpdir(), 'crds-'));
  try {
    const go = (...args) => command('go', args, { cwd, env: environment });
    go('mod', 'init', 'crds');
    go('mod', 'edit', '-go=1.26.0', `-require=${module}@${version}`);
    const imports = packages.map((name) => `import _ "${module}/${name}"`);
    writeFileSync(join(cwd, 'crds.go'), ['package crds', ...imports, ''].join('\n'));
    go('build', './...');
    const paths = packages.map((name) => `paths=${module}/${name}`);
    command(generator, ['crd:allowDangerousTypes=true,maxDescLen=0', ...paths, `output:crd:dir=${definitions}`], { cwd, env: environment });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** As kubeconform looks for them: one file for each kind and version, and no field that is not there. */
function writeSchemas({ spec }, folder) {
  for (const { name, schema } of spec.versions) {
    const file = `${spec.names.kind.toLowerCase()}-${spec.group}-${name}.json`;
    writeFileSync(join(folder, file), JSON.stringify(closed(schema.openAPIV3Schema)));
  }
}

function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties !== undefined;
  if (schema.type === 'object' && schema.properties && !isOpen) copy.additionalProperties = false;
  return copy;
}
