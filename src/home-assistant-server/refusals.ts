import { type CommandRefused, HouseFailure } from './failures.js';

/** Home Assistant's no, in its own words, under the code that our callers know. */
export function failureOf({ code, message }: CommandRefused): HouseFailure {
  switch (code) {
    case 'not_found':
      return new HouseFailure('service_not_found', message);
    case 'invalid_format':
    case 'service_validation_error':
      return new HouseFailure('invalid_service_data', message);
    case 'unauthorized':
      return forbidden(message);
    default:
      return message === 'Unauthorized' ? forbidden(message) : new HouseFailure('ha_error', message);
  }
}

function forbidden(message: string): HouseFailure {
  return new HouseFailure('ha_forbidden', message, { suggestion: "Utiliser le jeton d'un administrateur" });
}
