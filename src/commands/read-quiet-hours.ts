import type { QuietHours } from '../domain/subscription.ts';

const time = String.raw`(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm|点|时)?`;
const between = String.raw`\s?(?:-|–|—|~|to|until|till|至|到)\s?`;
const range = new RegExp(String.raw`^\s*(?:(?:hours|from|时间|从)\s?)*${time}${between}${time}(?![\p{L}\p{N}:])`, 'iu');

export type ReadHours =
  | { readonly kind: 'hours'; readonly hours: QuietHours; readonly length: number }
  /** From and to are the same time, which says neither all day nor none of it. */
  | { readonly kind: 'same' }
  | { readonly kind: 'none' };

/** Reads `22:00-07:00` and what else people write for it, from the beginning of a text. `length` is how much of it that takes. */
export function readQuietHours(text: string): ReadHours {
  const found = range.exec(text);
  if (!found) return { kind: 'none' };
  const [whole, ...parts] = found;
  const from = minutesOf(parts.slice(0, 3));
  const to = minutesOf(parts.slice(3, 6));
  if (from === undefined || to === undefined) return { kind: 'none' };
  return from === to ? { kind: 'same' } : { kind: 'hours', hours: { from, to }, length: whole.length };
}

function minutesOf([hour = '', minute = '0', half = '']: readonly (string | undefined)[]): number | undefined {
  const [hours, minutes] = [Number(hour), Number(minute)];
  const isHalf = /^[ap]m$/i.test(half);
  if (minutes > 59 || hours > 24 || (hours === 24 && minutes > 0) || (isHalf && (hours < 1 || hours > 12)))
    return undefined;
  const hourOfDay = isHalf ? (hours % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : hours % 24;
  return hourOfDay * 60 + minutes;
}
