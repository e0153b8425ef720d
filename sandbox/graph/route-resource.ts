import type { Answer } from './answer.ts';
import { GraphError } from './graph-error.ts';
import { badRequest } from './odata.ts';
import type { ResourceRequest, Resources } from './resources.ts';
import type { GraphVersion } from './token-properties.ts';

export interface RoutedRequest {
  readonly method: string;
  /** Below the version. */
  readonly path: string;
  /** As the client sent it; Graph wants it with every POST. */
  readonly hasLength: boolean;
}

export function readVersion(pathname: string): { readonly version: GraphVersion; readonly path: string } | undefined {
  const [, version, path = ''] = /^\/(v1\.0|beta)(\/.*)?$/.exec(pathname) ?? [];
  return version === 'v1.0' || version === 'beta' ? { version, path } : undefined;
}

/** Finds what a path means. Names of properties and segments are taken in any case, as Graph does. */
export function routeResource(resources: Resources, routed: RoutedRequest, request: ResourceRequest): Answer {
  const [area = '', collection = '', id, action, ...rest] = routed.path.slice(1).split('/').map(decodeSegment);
  const name = `${area}/${collection}`.toLowerCase();
  const isAction = action?.toLowerCase().replace(/^microsoft\.graph\./, '') === 'synclicenses';
  if (rest.length > 0) throw unknownSegment(rest.join('/'));
  if (name === 'deviceappmanagement/vpptokens') {
    if (id === undefined) return onlyGet(routed, () => resources.listTokens(request));
    if (action === undefined) return onlyGet(routed, () => resources.getToken(request, id));
    if (isAction) return onlyPost(routed, () => resources.syncLicenses(request, id));
  }
  if (name === 'deviceappmanagement/mobileapps' && action === undefined) {
    if (id === undefined) return onlyGet(routed, () => resources.listApps(request));
    const [, type] = /^(?:microsoft\.)?graph\.(\w+)$/.exec(id) ?? [];
    if (type !== undefined) return onlyGet(routed, () => resources.listApps(request, `microsoft.graph.${type}`));
  }
  throw unknownSegment(action ?? id ?? collection);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`The path segment '${segment}' is not well formed.`);
  }
}

const unknownSegment = (segment: string) => badRequest(`Resource not found for the segment '${segment}'.`);

function onlyGet({ method }: RoutedRequest, answer: () => Answer): Answer {
  if (method === 'GET') return answer();
  throw new GraphError(405, 'Request_BadRequest', `The method ${method} is not allowed here.`, { allow: 'GET' });
}

function onlyPost({ method, hasLength }: RoutedRequest, answer: () => Answer): Answer {
  if (method !== 'POST') {
    throw new GraphError(405, 'Request_BadRequest', `The method ${method} is not allowed here.`, { allow: 'POST' });
  }
  if (!hasLength) throw new GraphError(411, 'LengthRequired', 'A POST must say its Content-Length, also when it is 0.');
  return answer();
}
