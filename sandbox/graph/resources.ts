import type { GraphCaller } from '../contract.ts';
import type { Seed } from '../seed/seed.ts';
import type { SeedApp } from '../seed/seed-app.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import { type Access, getAccess, type needs } from './access.ts';
import type { Answer } from './answer.ts';
import { baseAppProperties, listAppTypes, typeOf, vppAppProperties } from './app-properties.ts';
import { intuneError } from './graph-error.ts';
import type { Intune } from './intune.ts';
import type { KeptToken } from './kept-token.ts';
import { badRequest, checkOptions, listSelected, selectProperties, takePage } from './odata.ts';
import { type GraphVersion, tokenProperties } from './token-properties.ts';

/** Switches of how answers look. */
export interface AnswerSettings {
  secret: string | null;
  actionForm: 'bare' | 'wrapped' | 'empty';
  duplicateOnV1: string;
  pageSize: number;
}

/** A request that has been let in, as far as its path was read. */
export interface ResourceRequest {
  readonly version: GraphVersion;
  readonly caller: GraphCaller;
  readonly query: URLSearchParams;
  /** Absolute, without the query. */
  readonly address: string;
  /** Absolute address of the API version. */
  readonly root: string;
}

export interface Resources {
  listTokens(request: ResourceRequest): Answer;
  getToken(request: ResourceRequest, id: string): Answer;
  syncLicenses(request: ResourceRequest, id: string): Answer;
  /** `castTo` is a type written as a path segment. */
  listApps(request: ResourceRequest, castTo?: string): Answer;
}

type ResourcesOptions = Pick<Seed, 'people' | 'tenants'> & {
  readonly intune: Intune;
  readonly settings: AnswerSettings;
  now(): number;
};

export function createResources({ intune, settings, people, tenants, now }: ResourcesOptions): Resources {
  const enter = (request: ResourceRequest, need: keyof typeof needs, allowFilter = false): Access => {
    const access = getAccess({ caller: request.caller, need, people, tenants });
    checkOptions(request.query, { allowFilter });
    return access;
  };
  const getVisible = (access: Access, id: string): KeptToken => {
    if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) throw badRequest(`'${id}' is not a valid identifier.`);
    const kept = intune.find(id);
    if (kept?.token.tenantId === access.tenantId && access.canSee(kept.token)) return kept;
    throw intuneError(404, 'ResourceNotFound', `No vppToken has the identifier ${id}`);
  };
  const show = (token: SeedToken, { version, query }: ResourceRequest) => {
    const view = { version, secret: settings.secret, duplicateOnV1: settings.duplicateOnV1 };
    return selectProperties(tokenProperties(token, view), query, 'microsoft.graph.vppToken');
  };
  const present = ({ token, lagging }: KeptToken) => (lagging && now() < lagging.until ? lagging.shown : token);

  return {
    listTokens(request) {
      const access = enter(request, 'readTokens');
      const items = intune.list(access.tenantId).map(present).filter(access.canSee);
      return answerList(request, 'deviceAppManagement/vppTokens', items, settings.pageSize, (item) =>
        show(item, request),
      );
    },
    getToken(request, id) {
      const access = enter(request, 'readTokens');
      const context = `${request.root}/$metadata#deviceAppManagement/vppTokens/$entity`;
      const body = { '@odata.context': context, ...show(present(getVisible(access, id)), request) };
      return { status: 200, body };
    },
    syncLicenses(request, id) {
      const access = enter(request, 'syncTokens');
      const shown = show(intune.startSync(getVisible(access, id)), request);
      if (settings.actionForm === 'empty') return { status: 200 };
      const typed = { '@odata.type': '#microsoft.graph.vppToken', ...shown };
      if (settings.actionForm === 'wrapped') return { status: 200, body: { value: typed } };
      return {
        status: 200,
        body: { '@odata.context': `${request.root}/$metadata#microsoft.graph.vppToken`, ...shown },
      };
    },
    listApps(request, castTo) {
      const access = enter(request, 'readApps', true);
      const types = listWantedTypes(request, castTo);
      const items = intune
        .list(access.tenantId)
        .filter(({ token }) => access.canSee(token))
        .flatMap(({ token }) => intune.listApps(token.id).map((app) => ({ app, token })))
        .filter(({ app }) => types.includes(typeOf(app)));
      const path = `deviceAppManagement/mobileApps${castTo === undefined ? '' : `/${castTo}`}`;
      return answerList(request, path, items, settings.pageSize, ({ app, token }) =>
        showApp(app, token, request, castTo),
      );
    },
  };
}

function answerList<T>(
  request: ResourceRequest,
  path: string,
  items: readonly T[],
  pageSize: number,
  show: (item: T) => Record<string, unknown>,
): Answer {
  const { page, nextLink } = takePage({ items, query: request.query, pageSize, address: request.address });
  const selected = listSelected(request.query);
  const context = `${request.root}/$metadata#${path}${selected ? `(${selected.join(',')})` : ''}`;
  const next = nextLink === undefined ? {} : { '@odata.nextLink': nextLink };
  return { status: 200, body: { '@odata.context': context, ...next, value: page.map(show) } };
}

/** `isof` alone, once or joined by `or`: the one filter seen in use on these apps. */
function listWantedTypes({ query, version }: ResourceRequest, castTo: string | undefined): readonly string[] {
  const known = listAppTypes(version);
  const filter = query.get('$filter');
  const parts = filter === null ? [] : filter.replace(/^\((.*)\)$/, '$1').split(/\s+or\s+/);
  const filtered = parts.map((part) => /^\(?isof\('([^']+)'\)\)?$/.exec(part.trim())?.[1]);
  for (const type of [...filtered, castTo]) {
    if (type !== undefined && !known.includes(type)) throw badRequest(`The type '${type}' is not known to ${version}.`);
  }
  if (filtered.includes(undefined)) throw badRequest(`The filter '${filter}' is not supported here.`);
  return known.filter((type) => (castTo ?? type) === type && (filter === null || filtered.includes(type)));
}

/** A property of one type alone is selected with that type before it, `microsoft.graph.iosVppApp/bundleId`, as OData has it. */
function showApp(app: SeedApp, token: SeedToken, request: ResourceRequest, castTo: string | undefined) {
  const { query, version } = request;
  const base = baseAppProperties(app, version);
  const own = vppAppProperties(app, token, version);
  const all: Record<string, unknown> = { ...base, ...own };
  const typed = { '@odata.type': `#${typeOf(app)}` };
  if (listSelected(query) === undefined || castTo !== undefined) {
    return { ...typed, ...selectProperties(all, query, castTo ?? typeOf(app)) };
  }
  const qualified = listAppTypes(version).flatMap((type) => Object.keys(own).map((name) => `${type}/${name}`));
  const shown = selectProperties(
    { ...base, ...Object.fromEntries(qualified.map((name) => [name, name])) },
    query,
    'microsoft.graph.mobileApp',
  );
  const entries = Object.keys(shown).flatMap((name): [string, unknown][] => {
    if (!name.includes('/')) return [[name, base[name]]];
    const [type, property = ''] = name.split('/');
    return type === typeOf(app) ? [[property, all[property]]] : [];
  });
  return { ...typed, ...Object.fromEntries(entries) };
}
