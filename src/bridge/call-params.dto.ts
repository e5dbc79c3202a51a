import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsObject, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { JsonObject } from '../call/json.js';

/** Idempotency keys, session ids: what may stand in a header and a log line as it is. */
export const TOKEN_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;

export const PROTOCOL_VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;

export class ListParams {}

export class ToolCallParams {
  @ApiProperty({ example: 'get_entities', maxLength: 256 })
  @MaxLength(256)
  @IsNotEmpty()
  @IsString()
  name!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { domain: 'light' } })
  @IsOptional()
  @IsObject()
  arguments?: JsonObject;
}

export class PromptParams {
  @ApiProperty({ maxLength: 256 })
  @MaxLength(256)
  @IsNotEmpty()
  @IsString()
  name!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @IsOptional()
  @IsObject()
  arguments?: JsonObject;
}

export class ResourceParams {
  @ApiProperty({ maxLength: 8192 })
  @MaxLength(8192)
  @IsNotEmpty()
  @IsString()
  uri!: string;
}

export class CompletionParams {
  @ApiProperty({ type: 'object', additionalProperties: true, example: { type: 'ref/prompt', name: 'greeting' } })
  @IsObject()
  ref!: JsonObject;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { name: 'who', value: 'a' } })
  @IsObject()
  argument!: JsonObject;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @IsOptional()
  @IsObject()
  context?: JsonObject;
}

export class InitializeParams {
  @ApiProperty({ enum: PROTOCOL_VERSIONS })
  @IsString()
  protocolVersion!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @IsOptional()
  @IsObject()
  capabilities?: JsonObject;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @IsOptional()
  @IsObject()
  clientInfo?: JsonObject;

  @ApiPropertyOptional({ pattern: TOKEN_PATTERN.source })
  @IsOptional()
  @IsString()
  @Matches(TOKEN_PATTERN)
  session_id?: string;
}
