import type { ChildExit } from './child-exit.js';
import { type Walk, walkList } from './list-walk.js';
import type { PoolGround } from './pool-ground.js';
import type { ChildSession } from './pooled-session.js';
import type { Reply } from './reply.js';
import { StartFailure } from './start-failure.js';
import type { SessionListener } from './upstream-session.js';
import type { UpstreamConfig } from './upstream.config.js';

/** A child is ready when it has shaken hands and told its tools: a server that has none to offer yet is not. */
export class Launcher {
  constructor(
    private readonly config: UpstreamConfig,
    private readonly ground: PoolGround,
    private readonly on: SessionListener,
  ) {}

  /** @throws StartFailure; the child is gone then */
  async launch(signal: AbortSignal): Promise<{ session: ChildSession; tools?: Walk }> {
    const deadline = this.ground.clock.now() + this.config.startTimeoutSeconds * 1000;
    const last: { exit?: ChildExit } = {};
    const session = await this.ground.start(this.config, this.witnessing(last), signal);
    if (!('tools' in session.description.capabilities)) return { session };
    const tools = await walkList('tools/list', (params) => session.call('tools/list', params, { kind: 'read', deadline }, signal).reply);
    if (tools.reply.kind === 'result') return { session, tools };
    await session.end('term');
    throw failureOf(tools.reply, last.exit);
  }

  private witnessing(last: { exit?: ChildExit }): SessionListener {
    const { on } = this;
    return {
      notification: (session, method, params) => on.notification(session, method, params),
      changed: (session) => on.changed(session),
      gone: (session, exit) => {
        last.exit = exit;
        on.gone(session, exit);
      },
      oddity: (kind, detail) => on.oddity(kind, detail),
      log: (level, message, fields) => on.log(level, message, fields),
    };
  }
}

function failureOf(reply: Reply, exit: ChildExit | undefined): StartFailure {
  const stderr = exit?.stderr ?? [];
  switch (reply.kind) {
    case 'rpc_error':
      return new StartFailure('refused', `tools/list was answered with an error: ${reply.error.message}`, stderr);
    case 'timed_out':
      return new StartFailure('timeout', 'tools/list was not answered in time', stderr);
    case 'cancelled':
      return new StartFailure('aborted', 'The pool was closed during the start', stderr);
    case 'lost':
      return new StartFailure(reply.reason === 'bad_reply' ? 'refused' : 'exit', `tools/list was lost: ${reply.reason}`, stderr);
    case 'result':
    case 'no_session':
    case 'refused':
      return new StartFailure('exit', 'The child ended before it had told its tools', stderr);
    default:
      return reply satisfies never;
  }
}
