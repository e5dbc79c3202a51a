import { IsBoolean, IsInt, IsNumber, Max, Min } from 'class-validator';

export class ClientSessionsConfig {
  /** Refuse calls without X-Session-ID. */
  @IsBoolean() required = false;
  /** A session unused for so long ends. */
  @IsNumber() @Min(0.1) @Max(604_800) idleSeconds = 1800;
  /** A session ends after so long, used or not. */
  @IsNumber() @Min(0.1) @Max(2_592_000) maxAgeSeconds = 86_400;
  @IsInt() @Min(1) maxPerKey = 100;
  @IsInt() @Min(1) max = 10_000;
}
