/**
 * Text of others on its way to a reader's eyes, or a model's: what cannot be seen is written out as its number, since it
 * could turn the direction of writing, hide words, or forge the end of a line. What is longer than `most` is cut, and says so.
 */
export function shownText(text: string, most: number): string {
  const seen = cut(text, most);
  return seen.replace(LOOKED_AT, (character, joiner: string | undefined) => (joiner === undefined ? numberOf(character) : character));
}

/** The text as it is, or its beginning and how much is missing. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} characters more)`;
}

/** Whether a reader sees all of a name, and could say it: else two that look alike may be two things. */
export function isPlain(name: string): boolean {
  return !HIDDEN.test(name);
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** First what joins emoji, and the letters of scripts that need it; then, tabs and line ends apart, whatever is hidden. */
const LOOKED_AT =
  /((?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})|(?<=(?!\p{Script=Latin})[\p{L}\p{M}])[\u200c\u200d](?=(?!\p{Script=Latin})\p{L}))|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function numberOf(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}
