import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusService } from './status.service.js';

const STATUS_BUDGET_MS = 5000;

@ApiTags('health')
@Controller('mcp/status')
export class StatusController {
  constructor(private readonly status: StatusService) {}

  @Get()
  @ApiOperation({ summary: 'State of the bridge: sessions, queue, cache, performance, upstreams' })
  report(): Promise<object> {
    return this.status.report(AbortSignal.timeout(STATUS_BUDGET_MS));
  }
}
