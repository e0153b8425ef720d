const form = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)+$/;

/**
 * A time zone by its IANA name (`Europe/Berlin`, or `UTC`), written as it is usually written; undefined when there is none
 * of that name. Offsets and bare abbreviations are none: they do not say when clocks change.
 */
export function findTimeZone(name: string): string | undefined {
  if (/^(?:etc\/)?(?:utc|gmt)$/i.test(name)) return 'UTC';
  const known = form.test(name) && name.length <= 64 ? resolve(name) : undefined;
  if (known === undefined || known.toLowerCase() === name.toLowerCase()) return known;
  // An old name and its successor are one zone to Intl, which may answer with either; people keep the one they said.
  if (/[A-Z]/.test(name) && /[a-z]/.test(name)) return name;
  return name.toLowerCase().replace(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase());
}

/** The zone whose name ends in this city, for somebody who left out the rest; undefined when none or several do. */
export function findTimeZoneOfCity(city: string): string | undefined {
  const wanted = `/${city.trim().replace(/ /g, '_').toLowerCase()}`;
  const found = Intl.supportedValuesOf('timeZone').filter((zone) => zone.toLowerCase().endsWith(wanted));
  return found.length === 1 ? found[0] : undefined;
}

function resolve(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
