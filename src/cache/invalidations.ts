import { isJsonObject, type Json } from '../call/json.js';

/** What made answers stale, as replicas tell each other. */
export type Invalidation =
  { readonly as: 'tags'; readonly server: string; readonly tags: readonly string[] } | { readonly as: 'server'; readonly server: string };

/** Undefined for our own, and for what cannot be understood. */
export function invalidationOf(message: Json, ownReplica: string): Invalidation | undefined {
  if (!isJsonObject(message) || typeof message.server !== 'string' || message.from === ownReplica) return undefined;
  const { as, server, tags } = message;
  if (as === 'server') return { as, server };
  if (as !== 'tags' || !Array.isArray(tags)) return undefined;
  return { as, server, tags: tags.filter((tag) => typeof tag === 'string') };
}
