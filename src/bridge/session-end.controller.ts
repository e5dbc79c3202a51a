import { Controller, Delete, HttpCode, HttpStatus, Req } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { callerOf } from '../access/caller.js';
import { readHeaders } from './call-headers.js';
import { SessionOpening } from './session-opening.js';

/** A session knows its server, so its end has one route. */
@ApiTags('sessions')
@Controller('mcp/session')
export class SessionEndController {
  constructor(private readonly opening: SessionOpening) {}

  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Ends the session named by X-Session-ID' })
  @ApiHeader({ name: 'X-Session-ID', required: true })
  @ApiNoContentResponse()
  end(@Req() request: Request): Promise<void> {
    return this.opening.end(callerOf(request), readHeaders(request.headers).session);
  }
}
