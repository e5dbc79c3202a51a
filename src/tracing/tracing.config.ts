import { IsBoolean, IsNotEmpty, IsNumber, IsString, Matches, Max, Min } from 'class-validator';

export class TracingConfig {
  @IsBoolean() enabled = false;
  /** Of a collector that speaks OTLP over HTTP, path included. */
  @Matches(/^https?:\/\/\S+$/) endpoint = 'http://localhost:4318/v1/traces';
  @IsString() @IsNotEmpty() serviceName = 'http-mcp-bridge';
  /** Of the calls whose caller did not decide: his traceparent says whether a trace is kept. */
  @IsNumber() @Min(0) @Max(1) sampleRatio = 1;
}
