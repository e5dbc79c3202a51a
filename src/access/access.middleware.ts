import type { RequestHandler } from 'express';
import { BridgeError } from '../call/bridge-error.js';
import { rememberCaller } from './caller.js';
import type { Doorkeeper } from './doorkeeper.js';

/**
 * Stands before every route, the unknown ones too.
 * @param onRefused hears the reason of each refusal, one of a few fixed words
 */
export function accessMiddleware(doorkeeper: Doorkeeper, onRefused: (reason: string) => void): RequestHandler {
  return (request, _response, next) => {
    try {
      rememberCaller(request, doorkeeper.admit(request));
    } catch (error) {
      if (error instanceof BridgeError && typeof error.data.reason === 'string') onRefused(error.data.reason);
      next(error);
      return;
    }
    next();
  };
}
