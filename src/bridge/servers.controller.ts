import { Controller, Get, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { callerOf } from '../access/caller.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { Servers } from './servers.js';

@ApiTags('servers')
@Controller('mcp/servers')
export class ServersController {
  constructor(
    private readonly servers: Servers,
    private readonly pool: SessionPool,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The servers this key may use' })
  @ApiOkResponse({ schema: { example: { servers: [{ name: 'home-assistant', default: true, status: 'ready' }] } } })
  list(@Req() request: Request): object {
    const servers = this.servers.visibleTo(callerOf(request)).map((server) => ({ ...server, status: this.statusOf(server.name) }));
    return { servers };
  }

  private statusOf(name: string): 'ready' | 'starting' | 'failed' {
    const { ready, failure } = this.pool.status(name);
    if (ready > 0) return 'ready';
    return failure ? 'failed' : 'starting';
  }
}
