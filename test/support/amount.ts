/** How much a heavy test does: all of it in `npm run test:security`, a sample in `npm test`. */
export function amount(full: number, sample: number): number {
  return process.env.TEST_AMOUNT === 'full' ? full : sample;
}
