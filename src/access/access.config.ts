import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';
import { PRIORITIES, type PriorityName } from '../call/priority.js';

/** One caller: what it is called, how it proves it, and what it may do. */
export class ApiKeyConfig {
  @Matches(/^[A-Za-z0-9._-]{1,64}$/) name = '';
  /** SHA-256 of the key, hexadecimal, as `http-mcp-bridge key new` prints it. */
  @Matches(/^[0-9a-f]{64}$/) sha256 = '';
  /** Upstreams by name; absent: all. */
  @IsOptional() @IsString({ each: true }) servers?: string[];
  /** Tools by name or glob; absent: all. */
  @IsOptional() @IsString({ each: true }) tools?: string[];
  @IsIn(PRIORITIES) maxPriority: PriorityName = 'HIGH';
  /** May change how the bridge runs, not only use it. */
  @IsBoolean() operator = false;
}

/** Callers whom an issuer of tokens vouches for; all of them have these rights. */
export class JwtConfig {
  /** JWK set of the issuer's public keys; absent: no tokens are accepted. */
  @IsOptional() @IsString() keysFile?: string;
  @IsString() issuer = '';
  @IsString() audience = '';
  @IsOptional() @IsString({ each: true }) servers?: string[];
  @IsOptional() @IsString({ each: true }) tools?: string[];
  @IsIn(PRIORITIES) maxPriority: PriorityName = 'HIGH';
}

export class AccessConfig {
  @ValidateNested({ each: true }) @Type(() => ApiKeyConfig) keys: ApiKeyConfig[] = [];
  @ValidateNested() @Type(() => JwtConfig) jwt = new JwtConfig();
  /** Made once, mode 0600, when it does not exist. */
  @IsOptional() @IsString() keyFile?: string;
  @IsOptional() @IsString() signingKeyFile?: string;
  /** The one flag that lets a foreign address in without a key. */
  @IsBoolean() allowUnauthenticated = false;
  /** Host names beside IP literals and localhost. */
  @IsString({ each: true }) allowedHosts: string[] = [];
  /** Origins of browser pages that may call. */
  @IsString({ each: true }) allowedOrigins: string[] = [];
  /** Networks (CIDR) whose X-Forwarded-For is believed. */
  @IsString({ each: true }) trustProxy: string[] = [];
}
