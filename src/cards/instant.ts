/** Graph's date-time as epoch milliseconds; undefined when it is missing, unreadable or outside years 1900–9998. */
export function findInstant(dateTime: string | undefined): number | undefined {
  const at = dateTime === undefined ? Number.NaN : Date.parse(dateTime);
  return at >= Date.UTC(1900, 0) && at < Date.UTC(9999, 0) ? at : undefined;
}

// Teams writes these in the reader's own language and time zone; it wants whole seconds and works in TextBlocks alone for certain.
const seconds = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
export const clientDate = (at: number): string => `{{DATE(${seconds(at)}, SHORT)}}`;
export const clientTime = (at: number): string => `{{TIME(${seconds(at)})}}`;
export const clientDateTime = (at: number): string => `${clientDate(at)} ${clientTime(at)}`;

const dayMs = 86_400_000;
/** Whole days from `now` to `at`, rounded towards zero. */
export const daysBetween = (now: number, at: number): number => Math.trunc((at - now) / dayMs) + 0;
