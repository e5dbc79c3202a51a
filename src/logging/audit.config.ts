import { IsOptional, IsString } from 'class-validator';

export class AuditConfig {
  /** One JSON line per write; absent: on stdout, marked `"stream":"audit"`. */
  @IsOptional() @IsString() file?: string;
}
