import { parseCommandLine } from './command-line.js';

describe('parseCommandLine', () => {
  it('serves without any word', () => {
    expect(parseCommandLine([])).toEqual({ kind: 'serve', sources: { files: [], overrides: {} } });
  });

  it('collects files in their order, host and port', () => {
    const argv = ['--config', 'a.yaml', '-c', 'b.yaml', '--config={"mcpServers": {}}', '--host', '::1', '--port=0'];
    expect(parseCommandLine(argv)).toEqual({
      kind: 'serve',
      sources: { files: ['a.yaml', 'b.yaml', '{"mcpServers": {}}'], overrides: { host: '::1', port: '0' } },
    });
  });

  it('leaves everything after -- to the server', () => {
    expect(parseCommandLine(['--port', '1', '--', 'npx', '--help', '--', 'x'])).toEqual({
      kind: 'serve',
      sources: { files: [], overrides: { port: '1' }, upstream: ['npx', '--help', '--', 'x'] },
    });
  });

  it.each([
    [['--help'], 'help'],
    [['config', 'check', '-h'], 'help'],
    [['--version'], 'version'],
    [['key', 'new'], 'key_new'],
    [['config', 'check', '--config', 'a'], 'config_check'],
    [['--config', 'a', 'config', 'print'], 'config_print'],
  ])('reads %j', (argv, kind) => {
    expect(parseCommandLine(argv).kind).toBe(kind);
  });

  it.each([
    [['--prot', '1'], 'unknown flag: --prot, did you mean --port?'],
    [['-x'], 'unknown flag: -x'],
    [['--port'], '--port needs a value'],
    [['--config', '--port', '1'], '--config needs a value'],
    [['serve'], 'unknown command: serve'],
    [['--'], 'a command is missing after --'],
  ])('says what is wrong with %j', (argv, message) => {
    expect(parseCommandLine(argv)).toEqual({ kind: 'misused', message: expect.stringContaining(message) });
  });
});
