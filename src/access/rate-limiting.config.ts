import { IsBoolean, IsInt, IsNumber, Max, Min } from 'class-validator';

export class RateLimitingConfig {
  @IsBoolean() enabled = true;
  @IsNumber() @Min(0.001) @Max(1_000_000) requestsPerSecond = 10;
  @IsInt() @Min(1) @Max(1_000_000) burstCapacity = 100;
}
