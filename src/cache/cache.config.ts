import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';

export class L1CacheConfig {
  @IsIn(['memory']) type = 'memory' as const;
  /** Entries; wins over `cache.max_size`. */
  @IsOptional() @IsInt() @Min(1) maxSize?: number;
  @IsNumber() @Min(0.1) @Max(65_536) maxMb = 64;
}

export class L2CacheConfig {
  @IsIn(['redis']) type = 'redis' as const;
  @IsString() url = 'redis://localhost:6379';
  @IsBoolean() enabled = false;
}

export class CacheLevelsConfig {
  @ValidateNested() @Type(() => L1CacheConfig) l1 = new L1CacheConfig();
  @ValidateNested() @Type(() => L2CacheConfig) l2 = new L2CacheConfig();
}

export class CacheConfig {
  @IsBoolean() enabled = true;
  /** For a cache rule that names no time of its own; nothing is cached without a rule. */
  @IsNumber() @Min(0) @Max(86_400) defaultTtlSeconds = 300;
  @IsInt() @Min(1) @Max(10_000_000) maxSize = 1000;
  /** An answer over this size is never stored. */
  @IsInt() @Min(1) maxValueBytes = 1_048_576;
  @ValidateNested() @Type(() => CacheLevelsConfig) levels = new CacheLevelsConfig();
}
