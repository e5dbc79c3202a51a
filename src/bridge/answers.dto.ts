import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PRIORITIES } from '../call/priority.js';

/** `nullable` speaks only for the type it stands beside. */
export const ID = { oneOf: [{ type: 'string', nullable: true }, { type: 'number' }] };

/** How an answer came about, as the OpenAPI document describes it. */
export class BridgeInfoDto {
  @ApiPropertyOptional() execution_time_ms?: number;
  @ApiPropertyOptional() queue_wait_ms?: number;
  @ApiPropertyOptional({ type: String, nullable: true }) session_id?: string | null;
  @ApiPropertyOptional() cached?: boolean;
  @ApiPropertyOptional({ enum: PRIORITIES }) priority?: string;
  @ApiPropertyOptional() attempts?: number;
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true }) cache_expires?: string | null;
  @ApiPropertyOptional() total_tools?: number;
  @ApiPropertyOptional() replayed?: boolean;
  @ApiPropertyOptional() stale?: boolean;
  @ApiPropertyOptional() age_ms?: number;
  @ApiPropertyOptional({ enum: ['empty', 'minimal'] }) fallback?: string;
  @ApiPropertyOptional() queue_position?: number;
  @ApiPropertyOptional() estimated_wait_ms?: number;
}

export class ErrorDto {
  @ApiProperty({ example: -32602 }) code!: number;
  @ApiProperty() message!: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true }) data?: object;
}

export class ErrorInfoDto {
  @ApiProperty({ format: 'date-time' }) timestamp!: string;
  @ApiProperty({ type: String, nullable: true }) request_id!: string | null;
}

export class ErrorEnvelope {
  @ApiProperty({ enum: ['2.0'] }) jsonrpc!: string;
  @ApiProperty(ID) id!: string | number | null;
  @ApiProperty({ type: ErrorDto }) error!: ErrorDto;
  @ApiProperty({ type: ErrorInfoDto }) bridge_info!: ErrorInfoDto;
}
