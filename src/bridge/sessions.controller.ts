import { Controller, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { callerOf } from '../access/caller.js';
import { readBody, readParams } from './call-body.js';
import { readHeaders } from './call-headers.js';
import { InitializeParams } from './call-params.dto.js';
import { CallRoute } from './call-route.js';
import { SessionOpening } from './session-opening.js';

@ApiTags('sessions')
@Controller(['mcp', 'mcp/servers/:server'])
export class SessionsController {
  constructor(private readonly opening: SessionOpening) {}

  @CallRoute('initialize', {
    summary: 'Opens a client session, bound to the caller and to one server',
    params: InitializeParams,
    example: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'http-client', version: '1.0' } },
  })
  initialize(@Req() request: Request, @Res({ passthrough: true }) response: Response, @Param('server') server?: string): Promise<object> {
    const { wishes, requestId } = readHeaders(request.headers);
    if (requestId !== undefined) response.setHeader('X-Request-ID', requestId);
    const { form, id, params } = readBody(request.body, 'initialize');
    const wanted = readParams(InitializeParams, params);
    return this.opening.open(callerOf(request), wanted, form === 'short' ? 1 : id, wishes.timeoutMs, server);
  }
}
