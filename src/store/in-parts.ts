/** SQLite takes a limited number of values in one statement. */
const most = 100;

/** The same items, a hundred at a time. */
export function* inParts<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += most) yield items.slice(from, from + most);
}
