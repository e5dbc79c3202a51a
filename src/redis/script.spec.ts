import { Redis as Connection } from 'ioredis';
import { aRedisServer, type RedisServer } from '../../test/support/redis-server.js';
import { Script } from './script.js';

describe(Script.name, () => {
  let server: RedisServer;
  let connection: Connection;
  let scripts = 0;

  beforeAll(async () => {
    server = await aRedisServer();
  });
  beforeEach(async () => {
    connection = new Connection(server.url);
    await connection.del('said');
  });
  afterEach(() => connection.disconnect());
  afterAll(() => server.close());

  /** Says its word; the server has never seen it. */
  const aScript = () => new Script(`-- ${(scripts += 1)}\nreturn redis.call('RPUSH', KEYS[1], ARGV[1])`);
  const say = (script: Script, word: string) => script.run(connection, ['said'], [word]);
  const said = () => connection.lrange('said', 0, -1);

  it('is not overtaken by one that the server knows, when it does not know it yet', async () => {
    const [known, unknown] = [aScript(), aScript()];
    await say(known, 'first');
    await Promise.all([say(unknown, 'second'), say(known, 'third'), say(unknown, 'fourth')]);
    expect(await said()).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('is brought to the server that answers after a restart', async () => {
    const script = aScript();
    await say(script, 'before');
    await server.kill();
    await server.restart();
    const other = aScript();
    await Promise.all([say(script, 'again'), say(other, 'new'), say(script, 'last')]);
    expect((await said()).slice(-3)).toEqual(['again', 'new', 'last']);
  });

  it('runs when somebody has flushed all scripts', async () => {
    const script = aScript();
    await say(script, 'before');
    await connection.script('FLUSH');
    await say(script, 'after');
    expect(await said()).toEqual(['before', 'after']);
  });
});
