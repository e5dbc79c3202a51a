import 'reflect-metadata'; // before any section: @Type asks it what a property is
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { AccessConfig } from '../access/access.config.js';
import { LimitsConfig } from '../access/limits.config.js';
import { RateLimitingConfig } from '../access/rate-limiting.config.js';
import { BridgeConfig } from '../bridge/bridge.config.js';
import { ClientSessionsConfig } from '../bridge/client-sessions.config.js';
import { CacheConfig } from '../cache/cache.config.js';
import { CircuitBreakerConfig } from '../execution/circuit-breaker.config.js';
import { ShutdownConfig } from '../launch/shutdown.config.js';
import { AuditConfig } from '../logging/audit.config.js';
import { LoggingConfig } from '../logging/logging.config.js';
import { MonitoringConfig } from '../metrics/monitoring.config.js';
import { QueueConfig } from '../queue/queue.config.js';
import { RedisConfig } from '../redis/redis.config.js';
import { SessionPoolConfig } from '../session-pool/session-pool.config.js';
import { UpstreamConfig } from '../session-pool/upstream.config.js';
import { TracingConfig } from '../tracing/tracing.config.js';

/** Everything an operator decided: validated, frozen, in the code's own spelling (`max_size` is `maxSize`). */
export class Config {
  @ValidateNested() @Type(() => BridgeConfig) bridge = new BridgeConfig();
  @ValidateNested() @Type(() => AccessConfig) access = new AccessConfig();
  @ValidateNested() @Type(() => LimitsConfig) limits = new LimitsConfig();
  @ValidateNested() @Type(() => RateLimitingConfig) rateLimiting = new RateLimitingConfig();
  @ValidateNested() @Type(() => ClientSessionsConfig) clientSessions = new ClientSessionsConfig();
  @ValidateNested() @Type(() => CacheConfig) cache = new CacheConfig();
  @ValidateNested() @Type(() => QueueConfig) queue = new QueueConfig();
  @ValidateNested() @Type(() => SessionPoolConfig) sessionPool = new SessionPoolConfig();
  @ValidateNested() @Type(() => CircuitBreakerConfig) circuitBreaker = new CircuitBreakerConfig();
  @ValidateNested() @Type(() => LoggingConfig) logging = new LoggingConfig();
  @ValidateNested() @Type(() => AuditConfig) audit = new AuditConfig();
  @ValidateNested() @Type(() => MonitoringConfig) monitoring = new MonitoringConfig();
  @ValidateNested() @Type(() => TracingConfig) tracing = new TracingConfig();
  @ValidateNested() @Type(() => RedisConfig) redis = new RedisConfig();
  @ValidateNested() @Type(() => ShutdownConfig) shutdown = new ShutdownConfig();
  /** In the order of the file; the first is the default one. */
  upstreams: readonly UpstreamConfig[] = [];
  /** The operator's own word by upstream, in the shape of a policy file; wins field by field. */
  policy: Readonly<Record<string, object>> = {};
}
