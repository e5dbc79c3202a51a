import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Express, RequestHandler } from 'express';
import { VERSION } from '../call/version.js';

/** The document of what is served: made from the routes themselves. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('http-mcp-bridge')
    .setDescription('stdio MCP servers as a REST service: one write at a time per entity, priorities, cache')
    .setVersion(VERSION)
    .addBearerAuth()
    .addApiKey({ type: 'apiKey', name: 'X-API-Key', in: 'header' })
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('api_key')
    .build();
  return apart(SwaggerModule.createDocument(app, about));
}

/** Paths that share a handler share its description: here each keeps only the parameters it has, and gets a name of its own. */
function apart(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      operation.operationId = [method, ...path.split(/\W+/).filter((word) => word !== '')].join('_');
      operation.parameters = operation.parameters?.filter((one) => !('in' in one && one.in === 'path') || path.includes(`{${one.name}}`));
    }
  }
  return document;
}

const METHODS = ['get', 'put', 'post', 'delete'] as const;

/**
 * The page at /docs and its document at /docs/openapi.json; every asset comes from this process. They are an application of
 * their own, made when somebody first asks for one: no call has to pass their routes, nor is the document kept for nobody.
 */
export function docs(app: INestApplication): RequestHandler {
  let pages: Promise<Express> | undefined;
  return (request, response, next) => {
    if (!request.url.startsWith('/docs')) {
      next();
      return;
    }
    pages ??= docsPages(app);
    pages.then((serve) => serve(request, response, next), next);
  };
}

@Module({})
class DocsModule {}

async function docsPages(app: INestApplication): Promise<Express> {
  const pages = await NestFactory.create<NestExpressApplication>(DocsModule, { logger: false });
  pages.disable('x-powered-by').disable('etag');
  SwaggerModule.setup('docs', pages, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
  });
  return pages.getHttpAdapter().getInstance();
}
