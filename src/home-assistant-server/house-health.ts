import type { HomeAssistant } from './home-assistant.js';
import { reasonOf } from './connection-error.js';
import type { Phase } from './house-connection.js';

/** From memory: never waits, whatever hangs. */
export function healthOf(house: HomeAssistant): object {
  const { phase, lastPingMs, lastSuccess } = house.connection;
  const error = errorOf(phase);
  return {
    status: statusOf(phase),
    response_time_ms: lastPingMs ?? null,
    last_success: lastSuccess?.toISOString() ?? null,
    ...(error === undefined ? {} : { error }),
    details: {
      url: house.isDemo ? 'demo://maison' : urlOf(house),
      status: connectionOf(phase),
      last_ping_ms: lastPingMs ?? null,
      entities_count: house.mirror.size,
      version: house.version ?? null,
      mode: house.isDemo ? 'demo' : 'real',
      is_admin: house.isAdmin ?? null,
    },
  };
}

function statusOf({ state }: Phase): 'ok' | 'starting' | 'refused' | 'down' {
  switch (state) {
    case 'ready':
      return 'ok';
    case 'idle':
    case 'connecting':
    case 'starting':
      return 'starting';
    case 'refused':
    case 'down':
      return state;
    default:
      return state satisfies never;
  }
}

function connectionOf({ state }: Phase): 'connected' | 'connecting' | 'refused' | 'down' {
  switch (state) {
    case 'ready':
    case 'starting':
      return 'connected';
    case 'idle':
    case 'connecting':
      return 'connecting';
    case 'refused':
    case 'down':
      return state;
    default:
      return state satisfies never;
  }
}

function errorOf(phase: Phase): string | undefined {
  if (phase.state === 'down') return phase.error;
  return phase.state === 'refused' ? reasonOf(phase.failure) : undefined;
}

function urlOf({ settings: { house } }: HomeAssistant): string | null {
  return 'url' in house ? house.url : null;
}
