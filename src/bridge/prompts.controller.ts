import { Controller, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CallRoute } from './call-route.js';
import { CompletionParams, ListParams, PromptParams } from './call-params.dto.js';
import { RestCallService } from './rest-call.service.js';

@ApiTags('prompts')
@Controller(['mcp', 'mcp/servers/:server'])
export class PromptsController {
  constructor(private readonly rest: RestCallService) {}

  @CallRoute('prompts/list', { summary: 'All prompts of the upstream', params: ListParams, example: {} })
  list(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('prompts/list', request, response, server);
  }

  @CallRoute('prompts/get', { summary: 'One prompt, filled in', params: PromptParams })
  get(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('prompts/get', request, response, server);
  }

  @CallRoute('completion/complete', { summary: 'Completes an argument of a prompt or a resource template', params: CompletionParams })
  complete(@Req() request: Request, @Res() response: Response, @Param('server') server?: string): Promise<void> {
    return this.rest.answer('completion/complete', request, response, server);
  }
}
