import { Body, Controller, Get, Put, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { callerOf } from '../access/caller.js';
import { BridgeError } from '../call/bridge-error.js';
import { isJsonObject } from '../call/json.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { LOG_LEVELS } from '../logging/logging.config.js';
import { invalidParams } from './call-body.js';

const SCHEMA = { type: 'object', required: ['level'], properties: { level: { type: 'string', enum: [...LOG_LEVELS] } } };

/** How much is logged, until the next start; for keys of operators. */
@ApiTags('operation')
@Controller('mcp/log-level')
export class LogLevelController {
  constructor(private readonly logger: BridgeLogger) {}

  @Get()
  @ApiOperation({ summary: 'The level of the log' })
  @ApiOkResponse({ schema: SCHEMA })
  show(@Req() request: Request): object {
    checkOperator(request);
    return { level: this.logger.level };
  }

  @Put()
  @ApiOperation({ summary: 'Changes the level of the log of this process, until its next start' })
  @ApiBody({ schema: SCHEMA })
  @ApiOkResponse({ schema: SCHEMA })
  change(@Req() request: Request, @Body() body: unknown): object {
    checkOperator(request);
    const wanted = isJsonObject(body) ? body.level : undefined;
    const level = LOG_LEVELS.find((known) => known === wanted);
    if (level === undefined) throw invalidParams([{ field: 'level', message: `expected one of ${LOG_LEVELS.join(', ')}` }]);
    const before = this.logger.level;
    this.logger.level = level;
    this.logger.event('WARNING', 'the level of the log was changed', { before, after: level, principal: callerOf(request).principal });
    return { level };
  }
}

/** @throws BridgeError `forbidden` */
function checkOperator(request: Request): void {
  if (!callerOf(request).isOperator)
    throw new BridgeError('forbidden', 'Only the key of an operator may do this', { outcome: 'not_started' });
}
