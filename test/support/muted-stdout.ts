import { LogFile } from '../../src/logging/log-file.js';

/** The log goes to its file alone, until the mocks are restored: who reads the output of a test has enough to read. */
export function muteStdout(): void {
  const write = Object.getOwnPropertyDescriptor(LogFile.prototype, 'write')?.value as (this: LogFile, line: string) => void;
  jest.spyOn(LogFile.prototype, 'write').mockImplementation(function (this: LogFile, line) {
    if (this.path !== undefined) write.call(this, line);
  });
}
