import { once } from 'node:events';
import { connect } from 'node:net';

/** One command, as typed at a prompt; resolves with the first line of the answer. */
export async function tellRedis(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().split('\r\n', 1)[0] ?? '';
  } finally {
    socket.destroy();
  }
}
