import { Controller, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CallRoute } from './call-route.js';
import { ListParams, ToolCallParams } from './call-params.dto.js';
import { RestCallService } from './rest-call.service.js';

@ApiTags('tools')
@Controller(['mcp', 'mcp/servers/:server'])
export class ToolsController {
  constructor(private readonly rest: RestCallService) {}

  @CallRoute('tools/list', {
    summary: 'All tools of the upstream, every page, schemas as the server gave them',
    params: ListParams,
    example: {},
  })
  list(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('tools/list', request, response, server);
  }

  @CallRoute('tools/call', {
    summary: 'Runs a tool; writes to one entity run one at a time, in order of arrival',
    params: ToolCallParams,
    example: { name: 'get_entities', arguments: { domain: 'light' } },
  })
  call(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('tools/call', request, response, server);
  }
}
