import type { Answer, Asked } from './history.js';
import type { HttpReply } from './http-line.js';

/** What a caller may conclude from a reply; nothing, when none came. */
export function verdictOf(asked: Asked, reply: HttpReply): Answer | undefined {
  const { op, attempt, kind } = asked;
  const inDoubt = kind === 'write' ? ('unknown' as const) : ('read_error' as const);
  const { ns } = reply;
  switch (reply.is) {
    case 'silence':
      return undefined;
    case 'broken':
      return { is: inDoubt, op, attempt, ns, why: reply.why, isCut: true };
    case 'answer': {
      const body = parsed(reply.text);
      if (body === undefined) return ofTheBalancer(asked, reply.status, ns);
      if (body.error === undefined) return { is: 'ok', op, attempt, ns, ...given(body) };
      const outcome = body.error.data?.outcome;
      const why = `${reply.status} ${body.error.code}: ${body.error.message}`;
      return { is: kind === 'write' && outcome === 'not_started' ? 'not_started' : inDoubt, op, attempt, ns, why };
    }
    default:
      return reply satisfies never;
  }
}

/** 503: no replica took the call. Any other: one did, and its answer is lost. */
function ofTheBalancer({ op, attempt, kind }: Asked, status: number, ns: number): Answer {
  const why = `the balancer said ${status}`;
  if (status === 503) return { is: kind === 'write' ? 'not_started' : 'read_error', op, attempt, ns, why };
  return { is: kind === 'write' ? 'unknown' : 'read_error', op, attempt, ns, why, isCut: true };
}

interface Body {
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { readonly outcome?: string } };
  readonly structuredContent?: { readonly value?: string | null | (string | null)[]; readonly nonce?: string };
  readonly bridge_info?: { readonly stale?: boolean; readonly age_ms?: number };
}

function parsed(text: string): Body | undefined {
  try {
    const body = JSON.parse(text) as Body | null;
    return body !== null && typeof body === 'object' && 'bridge_info' in body ? body : undefined;
  } catch {
    return undefined;
  }
}

function given({ structuredContent: { value = null, nonce } = {}, bridge_info: { stale, age_ms: ageMs } = {} }: Body) {
  return { values: [value].flat(), ...(nonce !== undefined && { nonce }), ...(stale && { ageMs: ageMs ?? 0 }) };
}
