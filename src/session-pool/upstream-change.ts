import type { JsonObject } from '../call/json.js';

/**
 * What an upstream told, or what became of it.
 * - `catalog`: this list may differ from the last one; said when the upstream says so, and again when the tools did move.
 * - `restarted`: a child that started now lists other tools than those before it.
 * - `feed`: the change feed broke off, or is heard again.
 * - `groups`: the table of what its ids stand for; without one, none is known any more.
 * - `client_gone`: the dedicated child of this client ended, and its state with it.
 */
export type UpstreamChange = { readonly server: string } & (
  | { readonly kind: 'catalog'; readonly list: 'tools' | 'resources' | 'prompts' }
  | { readonly kind: 'restarted' }
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly meta?: JsonObject }
  | { readonly kind: 'feed'; readonly live: boolean }
  | { readonly kind: 'groups'; readonly table?: JsonObject }
  | { readonly kind: 'client_gone'; readonly client: string }
);
