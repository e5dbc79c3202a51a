/**
 * Why a child never became ready.
 * - `spawn`: the program could not be run; `exit`: it ended first; `timeout`: it did not shake hands in time.
 * - `version`: it speaks no revision we know; `refused`: it answered the handshake with an error or with nonsense.
 * - `aborted`: nobody wants it any more.
 */
export type StartFailureReason = 'spawn' | 'exit' | 'timeout' | 'version' | 'refused' | 'aborted';

export class StartFailure extends Error {
  constructor(
    readonly reason: StartFailureReason,
    message: string,
    /** The child's last lines on stderr. */
    readonly stderr: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StartFailure';
  }
}
