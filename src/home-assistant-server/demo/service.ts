import type { Fields } from '../fields.js';
import type { Context } from './state.js';

/** What Home Assistant says no with. */
export class ServiceError extends Error {
  constructor(
    readonly code: 'not_found' | 'invalid_format' | 'service_validation_error' | 'home_assistant_error',
    message: string,
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

/** A call whose data and targets were read already. */
export interface ServiceCall {
  readonly data: Fields;
  /** Of the service's own domain, present and available. */
  readonly targets: readonly string[];
  readonly context: Context;
  /** How long what it sets off takes, for a service that begins at once. */
  readonly delayMs: number;
}

export interface Service {
  readonly fields: Readonly<Record<string, Field>>;
  /** `required`: refused without a target. `none`: takes no target at all. */
  readonly target: 'required' | 'optional' | 'none';
  /** Targets of every domain pass, not only of the service's own. */
  readonly anyDomain?: boolean;
  /** Looks at the house at once and spends the delay in its action; any other service is delayed before it looks. */
  readonly beginsAtOnce?: boolean;
  run(call: ServiceCall): void | Promise<void>;
}

export type Services = Readonly<Record<string, Service>>;

/** A key of a service's data: how the catalogue shows it and how its value is read. */
export interface Field {
  readonly selector: Fields;
  readonly required?: boolean;
  /** Says what was expected, by throwing a `TypeError`, when the value cannot be read. */
  read(value: unknown): unknown;
}

export function whole(min: number, max: number): Field {
  return { selector: { number: { min, max } }, read: (value) => Math.trunc(number(value, 'expected int', min, max)) };
}

export function decimal(min: number, max: number): Field {
  return { selector: { number: { min, max, step: 0.1 } }, read: (value) => number(value, 'expected float', min, max) };
}

/** Values outside are taken for the nearest one inside. */
export function clamped(min: number, max: number): Field {
  return {
    selector: { number: { min, max } },
    read: (value) => Math.min(max, Math.max(min, Math.trunc(number(value, 'expected int')))),
  };
}

export const text: Field = {
  selector: { text: {} },
  read(value) {
    if (typeof value !== 'string' && typeof value !== 'number') throw new TypeError('value should be a string');
    return String(value);
  },
};

export const object: Field = {
  selector: { object: {} },
  read(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('expected a dictionary');
    return value;
  },
};

export function required(field: Field): Field {
  return { ...field, required: true };
}

function number(value: unknown, otherwise: string, min = -Infinity, max = Infinity): number {
  const read = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  if (Number.isNaN(read)) throw new TypeError(otherwise);
  if (read < min) throw new TypeError(`value must be at least ${min}`);
  if (read > max) throw new TypeError(`value must be at most ${max}`);
  return read;
}
