import { Controller, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CallRoute } from './call-route.js';
import { ListParams, ResourceParams } from './call-params.dto.js';
import { RestCallService } from './rest-call.service.js';

@ApiTags('resources')
@Controller(['mcp', 'mcp/servers/:server'])
export class ResourcesController {
  constructor(private readonly rest: RestCallService) {}

  @CallRoute('resources/list', { summary: 'All resources of the upstream', params: ListParams, example: {} })
  list(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('resources/list', request, response, server);
  }

  @CallRoute('resources/templates/list', { summary: 'All resource templates of the upstream', params: ListParams, example: {} })
  templates(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('resources/templates/list', request, response, server);
  }

  @CallRoute('resources/read', { summary: 'Reads one resource', params: ResourceParams, example: { uri: 'hello://world' } })
  read(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('resources/read', request, response, server);
  }
}
