import { Controller, Get, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { callerOf } from '../access/caller.js';
import { StatusService } from './status.service.js';

const STATUS_BUDGET_MS = 5000;

@ApiTags('health')
@Controller('mcp/status')
export class StatusController {
  constructor(private readonly status: StatusService) {}

  @Get()
  @ApiOperation({ summary: 'State of the bridge: sessions, queue, cache, performance, and the upstreams this key may use' })
  report(@Req() request: Request): Promise<object> {
    return this.status.report(callerOf(request).mayUse, AbortSignal.timeout(STATUS_BUDGET_MS));
  }
}
