import { IsBoolean, IsInt, IsNumber, Max, Min } from 'class-validator';

/** Sizes and times of the pool; each upstream may override any of them. */
export class SessionPoolConfig {
  @IsInt() @Min(1) @Max(256) minConnections = 2;
  @IsInt() @Min(1) @Max(256) maxConnections = 10;
  @IsInt() @Min(1) @Max(256) targetConnections = 5;
  @IsBoolean() autoScale = true;
  @IsNumber() @Min(1.01) @Max(10) scaleFactor = 1.5;
  @IsNumber() @Min(0.1) @Max(86_400) healthCheckIntervalSeconds = 60;
  @IsNumber() @Min(0.1) @Max(86_400) idleTimeoutSeconds = 300;
  /** Calls at once on one session; 1 is the classic one call per session. */
  @IsInt() @Min(1) @Max(1024) maxInFlight = 4;
  /** Started children kept ready to replace a crashed one; they count towards the maximum. */
  @IsInt() @Min(0) @Max(16) warmSpares = 1;
  @IsNumber() @Min(0.1) @Max(600) startTimeoutSeconds = 30;
  /** Longest line a child may write, in MiB. */
  @IsNumber() @Min(0.001) @Max(256) maxLineMb = 8;
}
