import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;

export class LoggingConfig {
  @IsIn(LOG_LEVELS) level: (typeof LOG_LEVELS)[number] = 'INFO';
  @IsIn(['json', 'text']) format: 'json' | 'text' = 'json';
  /** In addition to stdout; opened anew on SIGHUP. */
  @IsOptional() @IsString() file?: string;
  /** False folds the fields into the message. */
  @IsBoolean() structured = true;
  /** Show tool arguments, redacted; otherwise only their hash. */
  @IsBoolean() arguments = false;
}
