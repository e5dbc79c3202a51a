import { IsInt, Max, Min } from 'class-validator';

/** Bounds on what a request may carry, counted before anything copies it. */
export class LimitsConfig {
  @IsInt() @Min(1024) @Max(104_857_600) bodyBytes = 1_048_576;
  @IsInt() @Min(4) @Max(512) depth = 32;
  @IsInt() @Min(16) @Max(10_000_000) elements = 10_000;
}
