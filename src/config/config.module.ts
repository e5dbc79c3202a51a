import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Config } from './config.js';

/** Gives every feature its own section by class, and the whole `Config` to who needs more than one. */
@Global()
@Module({})
export class ConfigModule {
  static with(config: Config): DynamicModule {
    const sections = Object.values(config).filter(isSection);
    const providers = [
      { provide: Config, useValue: config },
      ...sections.map((section) => ({ provide: section.constructor, useValue: section })),
    ];
    return { module: ConfigModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && ![Object, Array].includes(value.constructor as never);
}
