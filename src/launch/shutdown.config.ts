import { IsNumber, IsOptional, Max, Min } from 'class-validator';

export class ShutdownConfig {
  /** Not ready but still serving, so that balancers notice. Default: 5 in a cluster or off loopback, else 0. */
  @IsOptional() @IsNumber() @Min(0) @Max(300) delaySeconds?: number;
  /** Accepted calls may end for so long. */
  @IsNumber() @Min(0) @Max(3600) timeoutSeconds = 60;
}
