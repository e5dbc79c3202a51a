import { IsBoolean, IsOptional, IsString, Matches } from 'class-validator';

export class RedisConfig {
  /** Present: all replicas with the same url and prefix act as one bridge. */
  @IsOptional() @IsString() url?: string;
  @Matches(/^[A-Za-z0-9._-]{1,64}$/) prefix = 'http-mcp-bridge';
  /** Allow a Redis on a foreign address without a password. */
  @IsBoolean() allowInsecure = false;
}
