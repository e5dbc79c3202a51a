import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { SessionPoolConfig } from './session-pool.config.js';

/** One stdio MCP server, from the operator's file only. Its pool settings start as those of `session_pool`. */
export class UpstreamConfig extends SessionPoolConfig {
  /** The key under `upstreams`. */
  name = '';
  @IsString() @IsNotEmpty() command = '';
  @IsString({ each: true }) args: string[] = [];
  @IsOptional() @IsString() cwd?: string;
  /** Added to the small fixed environment every child gets; nothing of the bridge's own is passed on. */
  env: Record<string, string> = {};
  @IsIn(['auto', '2025', '2026']) era: 'auto' | '2025' | '2026' = 'auto';
  /** `per_client`: a child of its own for each client session, for servers that remember who they talk to. */
  @IsIn(['shared', 'per_client']) isolation: 'shared' | 'per_client' = 'shared';
  /** Whether the server may ask its caller back (elicitation, sampling, roots); REST has no way to ask. */
  @IsBoolean() asks = true;
  @IsOptional() @IsIn(['debug', 'info', 'notice', 'warning', 'error']) logLevel?: string;
  /** A policy file, relative to the file that names it, or the policy itself. */
  policy?: string | object;
  /** Believe the readOnlyHint of the server's own tool list where the policy says nothing. */
  @IsBoolean() trustAnnotations = false;
}
