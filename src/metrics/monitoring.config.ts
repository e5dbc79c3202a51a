import { IsBoolean, IsInt, IsString, Matches, Max, Min } from 'class-validator';

export class MonitoringConfig {
  @IsBoolean() prometheusEnabled = true;
  /** A listener of its own for /metrics; equal to `bridge.port`: none. */
  @IsInt() @Min(0) @Max(65_535) prometheusPort = 9090;
  @IsString() prometheusHost = '127.0.0.1';
  /** Moves /health, /health/live and /health/ready together. */
  @Matches(/^\/[A-Za-z0-9/_-]*[A-Za-z0-9_-]$/) healthCheckPath = '/health';
}
