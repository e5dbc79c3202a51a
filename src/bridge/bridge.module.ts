import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { BridgeService } from './bridge.service.js';
import { ClientSessions } from './client-sessions.js';
import { CallRecord } from './call-record.js';
import { DedicatedClients } from './dedicated-clients.js';
import { ErrorFilter } from './error.filter.js';
import { KnownRoutes } from './known-routes.js';
import { LogLevelController } from './log-level.controller.js';
import { PromptsController } from './prompts.controller.js';
import { RequestIds } from './request-ids.js';
import { ResourcesController } from './resources.controller.js';
import { RestCallService } from './rest-call.service.js';
import { ServersController } from './servers.controller.js';
import { Servers } from './servers.js';
import { SessionEndController } from './session-end.controller.js';
import { SessionOpening } from './session-opening.js';
import { SessionsController } from './sessions.controller.js';
import { ToolsController } from './tools.controller.js';
import { UpstreamChanges } from './upstream-changes.js';
import { WaitingLine } from './waiting-line.js';

const ROUTES = [
  LogLevelController,
  ServersController,
  SessionsController,
  SessionEndController,
  ToolsController,
  ResourcesController,
  PromptsController,
];

@Module({
  providers: [
    BridgeService,
    CallRecord,
    ClientSessions,
    DedicatedClients,
    ErrorFilter,
    KnownRoutes,
    RequestIds,
    RestCallService,
    Servers,
    SessionOpening,
    UpstreamChanges,
    WaitingLine,
  ],
})
export class BridgeModule {
  /** The back half of a bridge has no callers of its own, and still hears what its upstreams tell. */
  static with({ bridge }: Config): DynamicModule {
    return { module: BridgeModule, controllers: bridge.role === 'back' ? [] : ROUTES };
  }
}
