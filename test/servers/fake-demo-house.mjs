// Stands in for the demo house: listens, says where in one line, and does what FAKE_HOUSE asks.
import { createServer } from 'node:http';

const argument = (name, otherwise) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise);
const token = argument('--token', `demo-${process.pid}`);
const mode = process.env.FAKE_HOUSE;

if (mode === 'broken') process.exit(3);
if (mode === 'stubborn') process.on('SIGTERM', () => undefined);

console.log('a banner, not the address');
const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(1);
  response.end(JSON.stringify({ pid: process.pid, token, env: Object.keys(process.env) }));
});
server.listen(Number(argument('--port', '0')), '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, token }));
});
