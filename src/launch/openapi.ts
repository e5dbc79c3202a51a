import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
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
  return SwaggerModule.createDocument(app, about);
}

/** The page at /docs and its document at /docs/openapi.json; every asset comes from this process. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
  });
}
