// The load process: keeps each connection busy with one call at a time and counts what was answered. Each order of the
// parent is one measurement. Sockets and prepared bytes, because a full HTTP client costs more than the server it measures.
import { connect } from 'node:net';
import { cpuUs } from './process-cost.mjs';

/** Stands in a request for a number that no other request has; as wide as the number, so the length never changes. */
const SLOT = '#########';
let lastNumber = 100_000_000;

process.on('message', async (order) => {
  try {
    process.send(await measure(order));
  } catch (error) {
    process.send({ error: error.message });
  }
});

async function measure({ pid, port, call, connections, warmUpCalls, measureMs }) {
  const lines = await Promise.all(Array.from({ length: connections }, (_, index) => Line.open(port, requestParts(call, index))));
  for (const line of lines) line.start();
  while (answeredBy(lines) < warmUpCalls) await passed(5, lines);
  const before = { cpu: cpuUs(pid), at: performance.now(), calls: answeredBy(lines) };
  await passed(measureMs, lines);
  const calls = answeredBy(lines) - before.calls;
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = cpuUs(pid) - before.cpu;
  for (const line of lines) line.close();
  return { cpuUsPerCall: cpu / calls, callsPerSecond: calls / seconds };
}

/** The connection's own number stands for the entity, so that 64 connections write to 64 entities. */
function requestParts({ path, body }, connection) {
  const text = body && JSON.stringify(body).replaceAll('@entity', `lamp-${connection}`);
  const head = text
    ? `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`
    : `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  return (head + (text ?? '')).split(SLOT);
}

const answeredBy = (lines) => lines.reduce((sum, line) => sum + line.answered, 0);

/** Resolves after `ms`; rejects as soon as one connection met anything but the answer it asked for. */
function passed(ms, lines) {
  return Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), ...lines.map((line) => line.failed)]);
}

/** One connection with one call in flight. */
class Line {
  answered = 0;
  #socket;
  #parts;
  #mark;
  #received = '';

  static open(port, parts) {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(new Line(socket, parts)));
      socket.once('error', reject);
    });
  }

  constructor(socket, parts) {
    this.#socket = socket.setEncoding('latin1');
    this.#parts = parts;
    this.failed = new Promise((_, reject) => {
      socket.on('data', (chunk) => this.#read(chunk, reject));
      socket.on('close', () => reject(new Error('the server closed a connection')));
    });
    this.failed.catch(() => undefined); // told by whoever waits in `passed`
  }

  start() {
    this.#mark = String(++lastNumber);
    this.#socket.write(this.#parts.join(this.#mark), 'latin1');
  }

  close() {
    this.#socket.destroy();
  }

  #read(chunk, reject) {
    this.#received += chunk;
    const bodyAt = this.#received.indexOf('\r\n\r\n') + 4;
    if (bodyAt === 3) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    if (length && this.#received.length < bodyAt + Number(length)) return;
    const ours = this.#parts.length === 1 || this.#received.includes(this.#mark, bodyAt);
    if (!length || !ours || !this.#received.startsWith('HTTP/1.1 200'))
      return reject(new Error(`not the answer asked for: ${this.#received}`));
    this.#received = '';
    this.answered += 1;
    this.start();
  }
}
