/**
 * The IANA time zone of that name, however its letters are written; undefined when there is none. A name that stands for another one
 * (`Asia/Kolkata` for `Asia/Calcutta`) stays as it came. A bare offset is no zone: it knows no daylight saving.
 */
export function findTimeZone(name: string): string | undefined {
  const wanted = name.trim();
  if (!/^[a-z]/i.test(wanted)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: wanted }).resolvedOptions();
    return timeZone.toLowerCase() === wanted.toLowerCase() ? timeZone : wanted;
  } catch {
    return undefined;
  }
}
