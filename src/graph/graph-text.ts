/** Names of Intune have 256 characters at most; whatever is longer is no name, and everything after costs time with its length. */
const longest = 1_000;

/** A text of Graph's that says something, in a form that every store and message takes; undefined for anything else. */
export function graphText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.slice(0, longest).toWellFormed().replaceAll('\0', '');
  return text.trim() === '' ? undefined : text;
}
