import { IsBoolean, IsInt, IsNumber, Max, Min } from 'class-validator';

export class QueueConfig {
  /** Waiting calls of the whole installation; running ones do not count. */
  @IsInt() @Min(1) @Max(1_000_000) maxSize = 1000;
  /** Budget of a call whose policy names none. */
  @IsNumber() @Min(0.001) @Max(300) timeoutSeconds = 30;
  /** False: one FIFO class. */
  @IsBoolean() priorityEnabled = true;
  /** Request ids and equal reads. */
  @IsBoolean() deduplicationEnabled = true;
  /** Reads only; a write is never repeated. */
  @IsInt() @Min(0) @Max(10) maxRetries = 3;
}
