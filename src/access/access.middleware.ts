import type { RequestHandler } from 'express';
import { BridgeError } from '../call/bridge-error.js';
import { type Caller, rememberCaller } from './caller.js';
import type { Doorkeeper } from './doorkeeper.js';

/**
 * Stands before every route, the unknown ones too.
 * @param onRefused hears the reason of each refusal, one of a few fixed words
 */
export function accessMiddleware(doorkeeper: Doorkeeper, onRefused: (reason: string) => void): RequestHandler {
  return (request, _response, next) => {
    const letIn = (caller: Caller) => {
      rememberCaller(request, caller);
      next();
    };
    const refuse = (error: unknown) => {
      if (error instanceof BridgeError && typeof error.data.reason === 'string') onRefused(error.data.reason);
      next(error);
    };
    let admitted: Caller | Promise<Caller>;
    try {
      admitted = doorkeeper.admit(request);
    } catch (error) {
      refuse(error);
      return;
    }
    if (admitted instanceof Promise) admitted.then(letIn, refuse);
    else letIn(admitted);
  };
}
