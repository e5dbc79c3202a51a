import { Controller, Delete, HttpCode, HttpStatus, Param, Req } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
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
  initialize(@Req() request: Request, @Param('server') server?: string): Promise<object> {
    const { wishes } = readHeaders(request.headers);
    const { form, id, params } = readBody(request.body, 'initialize');
    const wanted = readParams(InitializeParams, params);
    return this.opening.open(callerOf(request), wanted, form === 'short' ? 1 : id, wishes.timeoutMs, server);
  }

  @Delete('session')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Ends the session named by X-Session-ID' })
  @ApiHeader({ name: 'X-Session-ID', required: true })
  @ApiNoContentResponse()
  end(@Req() request: Request): Promise<void> {
    return this.opening.end(callerOf(request), readHeaders(request.headers).session);
  }
}
