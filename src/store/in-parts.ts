/** Databases take only so many values with one statement. */
const mostPerStatement = 500;

/** A list cut into parts that one statement each can take. */
export function inParts<T>(list: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += mostPerStatement) parts.push(list.slice(at, at + mostPerStatement));
  return parts;
}
