import type { Arguments } from '../arguments.js';
import type { HomeAssistant } from '../home-assistant.js';
import type { ToolAnswer } from '../results.js';

export interface Tool {
  readonly name: string;
  /** @throws InvalidArguments, HouseFailure, CommandRefused */
  answer(given: Arguments, house: HomeAssistant, call: Call): Promise<ToolAnswer>;
}

export interface Call {
  /** Ends when the caller leaves or its time is over; a write that was sent goes on. */
  readonly signal: AbortSignal;
  /** The same for every repetition of one request. */
  readonly requestId?: string;
}
