import { parseAllDocuments, stringify } from 'yaml';
import { said, type Said, withFile } from '../said.js';

export const CHART = 'helm/http-mcp-bridge';

export type Values = Readonly<Record<string, unknown>>;
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly [key: string]: any;
}

/** What Helm makes of the chart with these values, or says against them. */
export function template(values: Values, ...options: readonly string[]): Said {
  return withFile('values.yaml', stringify(values), (file) =>
    said('helm', 'template', 'home', CHART, '--namespace', 'house', '-f', file, ...options),
  );
}

export function render(values: Values): readonly KubernetesObject[] {
  const { status, text } = template(values);
  if (status !== 0) throw new Error(text);
  return parseAllDocuments(text).flatMap((document) => (document.contents ? [document.toJS() as KubernetesObject] : []));
}

export function one(objects: readonly KubernetesObject[], kind: string, name?: string): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}${name ? ` called ${name}` : ''}`);
  return found[0]!;
}
