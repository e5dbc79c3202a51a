// Callers on a machine: `callers.ts <url> <key> <kept or new> <clients> <kind>`. They begin at once; when stdin ends
// they finish their calls and print a tally.
import { Load, type Work } from '../load.js';
import type { Manner } from './crowd.js';

const [url, key, connections, clients, kind] = process.argv.slice(2);

const KINDS: Readonly<Record<Manner['kind'], Work>> = {
  mixed: {
    next: (call) => (isWrite(call) ? sleep(20, call) : { name: 'echo', arguments: { text: wordsOf(call) } }),
    isAnswered: (body, call) => body.includes(isWrite(call) ? 'slept 20 ms' : wordsOf(call)),
  },
  slow: { next: (call) => sleep(500, call), isAnswered: (body) => body.includes('slept 500 ms') },
  long: { next: (call) => sleep(8_000, call), isAnswered: (body) => body.includes('slept 8000 ms') },
};

const load = new Load(url!, key!, KINDS[kind as Manner['kind']], connections === 'kept', Number(clients));
process.stdin.resume().on('end', () => void load.stop().then((tally) => console.log(JSON.stringify(tally))));

function isWrite(call: number): boolean {
  return call % 3 === 0;
}

function wordsOf(call: number): string {
  return `the words of call ${call}.`;
}

function sleep(ms: number, call: number) {
  return { name: 'slow', arguments: { ms, thing: `thing-${ms}-${call % 20}` } };
}
