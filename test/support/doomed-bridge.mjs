// Stands for a bridge that is killed: starts children that ignore EOF and TERM, each with a grandchild, and guards them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const [wardenModule, server, children] = process.argv.slice(2);
const { ChildWarden } = await import(wardenModule);

const warden = new ChildWarden({
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
});

async function startFamily() {
  const child = warden.guard(() => spawn(process.execPath, [server, 'grandchild'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true }));
  child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}\n');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return [child.pid, Number(JSON.parse(line).result.content[0].text)];
}

function dieInMidStart() {
  warden.guard((mark) => {
    const env = { ...process.env, ...mark };
    const child = spawn(process.execPath, [server, 'grandchild'], { stdio: 'ignore', detached: true, env });
    console.log(JSON.stringify({ warden: warden.pid, pids: [child.pid] }));
    process.kill(process.pid, 'SIGKILL');
  });
}

if (children === 'die-in-mid-start') dieInMidStart();

const families = await Promise.all(Array.from({ length: Number(children) }, startFamily));
console.log(JSON.stringify({ warden: warden.pid, pids: families.flat() }));

// Told only once its list is on its way: a warden that was merely forked guards nobody yet.
let known = warden.pid;
setInterval(() => {
  if (warden.pid === undefined || warden.pid === known) return;
  known = warden.pid;
  console.log(JSON.stringify({ warden: known }));
}, 10);
