export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parsed text, or undefined when it is not JSON: its length and content are never quoted in an error. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Databases take only so many values with one statement. */
const mostPerStatement = 500;

/** A list cut into parts that one statement each can take. */
export function chunked<T>(list: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += mostPerStatement) parts.push(list.slice(at, at + mostPerStatement));
  return parts;
}
