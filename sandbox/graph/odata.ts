import { GraphError } from './graph-error.ts';

const knownOptions = new Set(['$select', '$top', '$skiptoken', '$filter']);

/** Refuses query options of which no use on these collections is known. */
export function checkOptions(query: URLSearchParams, options: { readonly allowFilter: boolean }) {
  for (const name of query.keys()) {
    const unknown = name.startsWith('$') && !knownOptions.has(name);
    if (unknown || (name === '$filter' && !options.allowFilter)) {
      throw badRequest(`The query option ${name} is not supported here.`);
    }
  }
}

export const badRequest = (message: string) => new GraphError(400, 'BadRequest', message);

/** Keeps the properties $select names, all without one; the rest in the order of the alphabet, as Graph was seen to do. */
export function selectProperties(
  properties: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
  typeName: string,
): Record<string, unknown> {
  const selected = listSelected(query) ?? Object.keys(properties);
  const unknown = selected.find((name) => !Object.hasOwn(properties, name));
  if (unknown !== undefined) {
    throw badRequest(`Could not find a property named '${unknown}' on type '${typeName}'.`);
  }
  return Object.fromEntries(selected.toSorted().map((name) => [name, properties[name]]));
}

export function listSelected(query: URLSearchParams): string[] | undefined {
  const select = query.get('$select');
  if (select === null) return undefined;
  const names = select.split(',').map((name) => name.trim());
  if (names.includes('')) throw badRequest('$select has an empty name.');
  return names;
}

interface PageOptions<T> {
  readonly items: readonly T[];
  readonly query: URLSearchParams;
  /** When the request does not say `$top`. */
  readonly pageSize: number;
  /** The collection's own absolute address, without a query. */
  readonly address: string;
}

/** One page and where the next one is. The skip token is opaque to everyone else. */
export function takePage<T>({ items, query, pageSize, address }: PageOptions<T>): { page: T[]; nextLink?: string } {
  const size = readTop(query) ?? pageSize;
  const offset = readSkipToken(query);
  const page = items.slice(offset, offset + size);
  if (offset + size >= items.length) return { page };
  const next = new URLSearchParams(query);
  next.set('$skiptoken', Buffer.from(`page:${offset + size}`).toString('base64url'));
  return { page, nextLink: `${address}?${next}` };
}

function readTop(query: URLSearchParams): number | undefined {
  const top = query.get('$top');
  if (top === null) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(top)) throw badRequest(`$top must be a whole number from 1 to 999, not '${top}'.`);
  return Number(top);
}

function readSkipToken(query: URLSearchParams): number {
  const token = query.get('$skiptoken');
  if (token === null) return 0;
  const [, offset] = /^page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (offset === undefined) throw badRequest('The skip token is not valid.');
  return Number(offset);
}
