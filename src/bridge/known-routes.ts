import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Express } from 'express';

/** What Express keeps of one route; only these members are relied on. */
interface RouteLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** The routes of this application, as the router itself would match them. */
@Injectable()
export class KnownRoutes {
  constructor(private readonly host: HttpAdapterHost) {}

  /** The methods that a path answers to, in upper case; none when there is no such path. */
  methodsOf(path: string): readonly string[] {
    const app = this.host.httpAdapter.getInstance<Express>();
    const layers = app.router.stack as unknown as readonly RouteLayer[];
    const methods = layers.flatMap((layer) => (layer.route !== undefined && matches(layer, path) ? Object.keys(layer.route.methods) : []));
    const names = new Set(methods.map((method) => method.toUpperCase()));
    return [...(names.has('GET') ? ['HEAD'] : []), ...names];
  }
}

/** A path that cannot be decoded is nobody's. */
function matches(layer: RouteLayer, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false;
  }
}
