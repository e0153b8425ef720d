import type { GraphCaller } from '../contract.ts';
import type { Seed, SeedApp } from '../seed/seed.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import {
  type Answer,
  badRequest,
  checkOptions,
  intuneError,
  listSelected,
  selectProperties,
  takePage,
  toGraphDate,
} from './answers.ts';
import { type Access, getAccess, type Intune, type IntuneToken, type needs } from './intune.ts';

export type GraphVersion = 'v1.0' | 'beta';

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

/** Switches for the form of answers. */
export interface AnswerSettings {
  secret: string | null;
  actionForm: 'bare' | 'wrapped' | 'empty';
  duplicateOnV1: string;
  pageSize: number;
  /** Connectors that the caller's consent does not cover. */
  readonly notCovered: Set<'push' | 'ade'>;
  /** A token that lists do not have. */
  leftOut?: string | undefined;
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
  const getVisible = (access: Access, id: string): IntuneToken => {
    if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) throw badRequest(`'${id}' is not a valid identifier.`);
    const kept = intune.find(id);
    if (kept?.token.tenantId === access.tenantId && access.canSee(kept.token)) return kept;
    throw intuneError(404, 'ResourceNotFound', `No vppToken has the identifier ${id}`);
  };
  const show = (token: SeedToken, { version, query }: ResourceRequest) => {
    const view = { version, secret: settings.secret, duplicateOnV1: settings.duplicateOnV1 };
    return selectProperties(tokenProperties(token, view), query, 'microsoft.graph.vppToken');
  };
  const present = ({ token, lagging }: IntuneToken) => (lagging && now() < lagging.until ? lagging.shown : token);

  return {
    listTokens(request) {
      const access = enter(request, 'readTokens');
      const items = intune
        .list(access.tenantId)
        .map(present)
        .filter((token) => access.canSee(token) && token.id !== settings.leftOut);
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

export function answerList<T>(
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

/** Supports `isof` alone, once or joined by `or`: the only filter seen in use on these apps. */
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

/** macOS apps exist in beta only. */
const typeOf = (app: SeedApp) => (app.platform === 'ios' ? 'microsoft.graph.iosVppApp' : 'microsoft.graph.macOsVppApp');

/** Types a version knows below mobileApp, among those the rehearsal has. */
const listAppTypes = (version: GraphVersion) =>
  version === 'beta' ? ['microsoft.graph.iosVppApp', 'microsoft.graph.macOsVppApp'] : ['microsoft.graph.iosVppApp'];

/** Properties of every mobile app: $select may name them without a type. */
function baseAppProperties(app: SeedApp, version: GraphVersion): Record<string, unknown> {
  return {
    id: app.id,
    displayName: app.displayName,
    description: null,
    publisher: app.publisher,
    largeIcon: null,
    createdDateTime: '2026-01-14T08:30:00Z',
    lastModifiedDateTime: '2026-01-14T08:30:00Z',
    isFeatured: false,
    privacyInformationUrl: null,
    informationUrl: null,
    owner: null,
    developer: null,
    notes: null,
    publishingState: 'published',
    ...(version === 'beta' && { isAssigned: true, roleScopeTagIds: ['0'] }),
  };
}

/** Properties of a VPP app. v1.0 has the token's Apple ID and organisation, but not its id. */
function vppAppProperties(app: SeedApp, token: SeedToken, version: GraphVersion): Record<string, unknown> {
  return {
    bundleId: app.bundleId,
    appStoreUrl: `https://apps.example.com/${app.bundleId}`,
    licensingType: { supportsUserLicensing: true, supportsDeviceLicensing: true },
    releaseDateTime: '0001-01-01T00:00:00Z',
    totalLicenseCount: app.totalLicenseCount,
    usedLicenseCount: app.usedLicenseCount,
    vppTokenAccountType: token.vppTokenAccountType,
    vppTokenAppleId: token.appleId,
    vppTokenOrganizationName: token.organizationName,
    ...(app.platform === 'ios' && { applicableDeviceType: { iPad: true, iPhoneAndIPod: true } }),
    ...(version === 'beta' && {
      vppTokenId: token.id,
      vppTokenDisplayName: token.displayName,
      revokeLicenseActionResults: [],
    }),
  };
}

interface TokenView {
  readonly version: GraphVersion;
  /** The `token` property; null in all real answers seen. */
  readonly secret: string | null;
  readonly duplicateOnV1: string;
}

/**
 * A token with every property of its API version.
 * Source: schemas/{v1.0,beta}-Prod.csdl of github.com/microsoftgraph/msgraph-metadata.
 */
function tokenProperties(token: SeedToken, view: TokenView): Record<string, unknown> {
  const beta = view.version === 'beta';
  return {
    id: token.id,
    organizationName: token.organizationName,
    appleId: token.appleId,
    countryOrRegion: token.countryOrRegion,
    token: view.secret,
    vppTokenAccountType: token.vppTokenAccountType,
    // The v1.0 enum has no such member and no unknownFutureValue; its zero is what a closed enum falls back to.
    state: !beta && token.state === 'duplicateLocationId' ? view.duplicateOnV1 : token.state,
    lastSyncStatus: token.lastSyncStatus,
    expirationDateTime: new Date(token.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    lastSyncDateTime: toGraphDate(token.lastSyncAt),
    lastModifiedDateTime: toGraphDate(token.lastModifiedAt),
    automaticallyUpdateApps: token.automaticallyUpdateApps,
    ...(beta && {
      displayName: token.displayName,
      locationName: token.locationName,
      roleScopeTagIds: token.roleScopeTagIds,
      dataSharingConsentGranted: true,
      claimTokenManagementFromExternalMdm: false,
      tokenActionResults: [],
      appleDeviceAppDeliveryProtocolType: 'unknown',
    }),
  };
}
