import type { OversizeLine } from './line-framer.js';

/** No call has it. */
const NOBODY = 0;

/**
 * The id of the call that an oversize line answers, looked for where servers write it: first, or last before the closing
 * brace. Undefined when neither end shows it; nobody's when the line is a request or notification of the child's own.
 */
export function oversizeSubject({ head, tail }: OversizeLine): number | undefined {
  const members = leadingMembers(head);
  if (members.has('method')) return NOBODY;
  const id = members.get('id') ?? TRAILING_ID.exec(tail)?.[1];
  return id === undefined ? undefined : Number(id);
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
/** A member with a scalar value: the first one with a structured value ends what the head can tell. */
const MEMBER = new RegExp(String.raw`\s*(${STRING})\s*:\s*(?:(${STRING})|(-?[\d.eE+-]+|true|false|null))\s*,`, 'y');
/** The last brace of a line closes the message itself, so a member right before it is the message's own. */
const TRAILING_ID = /,\s*"id"\s*:\s*"?(\d{1,15})"?\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/;
const OPENING = /^\uFEFF?\s*\{/;

function leadingMembers(head: string): Map<string, string> {
  const members = new Map<string, string>();
  const opening = OPENING.exec(head);
  if (!opening) return members;
  MEMBER.lastIndex = opening[0].length;
  for (let found = MEMBER.exec(head); found; found = MEMBER.exec(head)) {
    const [, name = '', text, bare] = found;
    members.set(name.slice(1, -1), text === undefined ? (bare ?? '') : text.slice(1, -1));
  }
  return wholeIds(members);
}

function wholeIds(members: Map<string, string>): Map<string, string> {
  const id = members.get('id');
  if (id !== undefined && !/^\d{1,15}$/.test(id)) members.delete('id');
  return members;
}
