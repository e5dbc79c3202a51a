import { IsBoolean, IsInt, IsNumber, Max, Min } from 'class-validator';

export class CircuitBreakerConfig {
  @IsBoolean() enabled = true;
  /** Failures in a row that open the circuit. */
  @IsInt() @Min(1) @Max(10_000) failureThreshold = 5;
  /** Open for so long, then one probe. */
  @IsNumber() @Min(0.01) @Max(86_400) recoveryTimeoutSeconds = 30;
}
