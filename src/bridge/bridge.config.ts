import { IsBoolean, IsIn, IsInt, IsString, Max, Min } from 'class-validator';

export class BridgeConfig {
  @IsString() host = '127.0.0.1';
  @IsInt() @Min(0) @Max(65_535) port = 3003;
  /** Processes on this machine that share the port; above 1 needs Redis. */
  @IsInt() @Min(1) @Max(256) workers = 1;
  /** DEBUG level, and stacks in the log; answers stay as they are. */
  @IsBoolean() debug = false;
  @IsIn(['all', 'front', 'back']) role: 'all' | 'front' | 'back' = 'all';
}
