import type { Addresses } from './address.ts';
import type { ReadOnlyGraph } from './client.ts';
import { GraphError } from './errors.ts';
import type { GetAnswer, GetRequest } from './get.ts';
import { toPathTemplate } from './path-template.ts';

const maxPages = 200;

/**
 * Follows `@odata.nextLink` as it came, as long as it stays under the base address and its version.
 * A foreign link, a loop, a page without a list and more than 200 pages are `unreadable`: part of a list would look like all of it.
 */
export function createListPages(
  addresses: Addresses,
  get: (request: GetRequest) => Promise<GetAnswer>,
): ReadOnlyGraph['listPages'] {
  return async (path, { version = 'v1.0', query, signal } = {}) => {
    const template = toPathTemplate(version, path);
    const items: unknown[] = [];
    const seen = new Set<string>();
    for (let url: string | undefined = addresses.of(version, path, query); url !== undefined; ) {
      seen.add(url);
      const { body, clientRequestId }: GetAnswer = await get({ url, template, signal });
      const unreadable = (detail: string) => new GraphError('unreadable', { clientRequestId, detail });
      if (!Array.isArray(body.value)) throw unreadable('The answer holds no list.');
      for (const item of body.value) items.push(item);
      const link = body['@odata.nextLink'] ?? undefined;
      if (link === undefined) break;
      url = typeof link === 'string' ? addresses.findNext(version, link) : undefined;
      if (url === undefined) throw unreadable('The next page lies elsewhere.');
      if (seen.has(url)) throw unreadable('The pages go in a circle.');
      if (seen.size >= maxPages) throw unreadable('The list has too many pages.');
    }
    return items;
  };
}
