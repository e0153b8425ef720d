import { adeId, graphIdOfAde, kindOf, type OtherKind, otherKinds, pushId } from '../domain/connector.ts';
import { type DelegatedGraph, GraphError, type PostOptions, type ReadOnlyGraph } from '../domain/graph.ts';
import type { ConnectorReading, VppToken } from '../domain/token.ts';
import { isJsonObject } from '../lib/json.ts';
import { isPlausibleId, toPathSegment } from './client.ts';
import { dates, getVppToken, graphText, listVppTokens, syncLicenses } from './vpp.ts';

interface ConnectorOptions {
  /** Enrolment tokens exist in beta only. */
  readonly beta: boolean;
  readonly signal?: AbortSignal;
}

const pushPath = '/deviceManagement/applePushNotificationCertificate';
/** Every property that is used; never `certificate`. */
const pushQuery = { $select: 'id,appleIdentifier,expirationDateTime,lastModifiedDateTime' };

const adePath = '/deviceManagement/depOnboardingSettings';
const adeQuery = {
  $select:
    'id,tokenName,appleIdentifier,tokenExpirationDateTime,lastSuccessfulSyncDateTime,lastSyncTriggeredDateTime,' +
    'lastSyncErrorCode,tokenType',
};

/**
 * Permissions, any one of which lets an app read them. The first is among those that monitoring has anyway; for the push certificate
 * the documentation names the second alone. Source: learn.microsoft.com/graph/permissions-reference.
 */
const readPermissions: Readonly<Record<OtherKind, readonly string[]>> = {
  push: ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementManagedDevices.Read.All'],
  ade: ['DeviceManagementServiceConfig.Read.All'],
};

/** Every connector that the caller may read, of all kinds. Rejects where one of them could not be read for another reason. */
export async function listConnectors(graph: ReadOnlyGraph, options: ConnectorOptions): Promise<readonly VppToken[]> {
  const [tokens, others] = await Promise.all([
    listVppTokens(graph, options),
    readConnectors(graph, otherKinds, options),
  ]);
  return [...tokens, ...connectorsIn(others)];
}

/** Rejects with the error of a kind that could not be read. */
export function connectorsIn(readings: readonly ConnectorReading[]): readonly VppToken[] {
  return readings.flatMap((reading) => {
    if (reading.is === 'unread') throw reading.error;
    return reading.is === 'read' ? reading.connectors : [];
  });
}

/** Reads these kinds at the same time. A kind that cannot be read takes none of the others with it. */
export function readConnectors(
  graph: ReadOnlyGraph,
  kinds: readonly OtherKind[],
  options: ConnectorOptions,
): Promise<readonly ConnectorReading[]> {
  return Promise.all(kinds.map((kind) => readKind(graph, kind, options)));
}

async function readKind(graph: ReadOnlyGraph, kind: OtherKind, options: ConnectorOptions): Promise<ConnectorReading> {
  if (kind === 'ade' && !options.beta) return { kind, is: 'off' };
  try {
    return { kind, is: 'read', connectors: await listers[kind](graph, options.signal) };
  } catch (error) {
    const isRefused = error instanceof GraphError && (error.reason === 'forbidden' || error.reason === 'missingScope');
    if (!isRefused) return { kind, is: 'unread', error };
    return { kind, is: 'notCovered', permissions: error.neededScopes ?? readPermissions[kind] };
  }
}

const listers: Readonly<
  Record<OtherKind, (graph: ReadOnlyGraph, signal?: AbortSignal) => Promise<readonly VppToken[]>>
> = {
  async push(graph, signal) {
    try {
      const row = await graph.get(pushPath, { query: pushQuery, ...(signal && { signal }) });
      const certificate = parsePushCertificate(row);
      return certificate ? [certificate] : [];
    } catch (error) {
      if (error instanceof GraphError && error.reason === 'notFound') return [];
      throw error;
    }
  },
  async ade(graph, signal) {
    const found = new Map<string, VppToken>();
    const toItem = (row: unknown) => {
      const token = parseEnrollmentToken(row);
      if (token) found.set(token.id, token);
    };
    const rows = await graph.listPages(adePath, {
      version: 'beta',
      query: adeQuery,
      toItem,
      ...(signal && { signal }),
    });
    if (rows.length > 0 && found.size === 0) throw wrongShape();
    return [...found.values()];
  },
};

/** Any connector by its id. Rejects with `notFound` when Graph knows no such one or hides it from the caller. */
export async function getConnector(graph: ReadOnlyGraph, id: string, options: ConnectorOptions): Promise<VppToken> {
  const signal = options.signal && { signal: options.signal };
  switch (kindOf({ id })) {
    case 'vpp':
      return getVppToken(graph, id, options);
    case 'push': {
      const [certificate] = await listers.push(graph, options.signal);
      if (!certificate) throw new GraphError('notFound', { clientRequestId: 'unknown', status: 404 });
      return certificate;
    }
    case 'ade': {
      const path = `${adePath}/${toPathSegment(graphIdOfAde(id))}`;
      const token = parseEnrollmentToken(await graph.get(path, { version: 'beta', query: adeQuery, ...signal }));
      if (token?.id.toLowerCase() !== id.toLowerCase()) throw wrongShape();
      return token;
    }
  }
}

/**
 * Asks Intune to sync a connector with Apple. Resolves when it was accepted, which does not mean done. A push certificate has nothing
 * to sync, so that a caller who asks is at fault.
 * Source: learn.microsoft.com/graph/api/intune-enrollment-deponboardingsetting-syncwithappledeviceenrollmentprogram.
 */
export async function syncConnector(graph: DelegatedGraph, id: string, options: PostOptions = {}): Promise<void> {
  switch (kindOf({ id })) {
    case 'vpp':
      await syncLicenses(graph, id, options);
      return;
    case 'push':
      throw new Error('A push certificate cannot be synced.');
    case 'ade': {
      const path = `${adePath}/${toPathSegment(graphIdOfAde(id))}/syncWithAppleDeviceEnrollmentProgram`;
      await graph.post(path, { ...options, version: 'beta' });
    }
  }
}

const wrongShape = () =>
  new GraphError('unreadable', { clientRequestId: 'unknown', detail: 'The answer holds no enrolment token.' });

/** Bare as in Graph's metadata, or under `value` as in the documentation's example. Undefined where nothing was ever uploaded. */
export function parsePushCertificate(answer: unknown): VppToken | undefined {
  const value = isJsonObject(answer) && isJsonObject(answer.value) ? answer.value : answer;
  if (!isJsonObject(value)) return undefined;
  const appleId = graphText(value.appleIdentifier);
  const known = dates(value, 'expirationDateTime', 'lastModifiedDateTime');
  if (known.expirationDateTime === undefined) return undefined;
  return { id: pushId, ...(appleId && { appleId }), state: 'valid', lastSyncStatus: 'none', ...known };
}

/** Intune reports the last sync by its dates and an error code, in which 0 is none. */
export function parseEnrollmentToken(value: unknown): VppToken | undefined {
  if (!isJsonObject(value) || typeof value.id !== 'string' || !isPlausibleId(value.id)) return undefined;
  const displayName = graphText(value.tokenName);
  const appleId = graphText(value.appleIdentifier);
  const accountTypes: Readonly<Record<string, string>> = { dep: 'business', appleSchoolManager: 'education' };
  const vppTokenAccountType = accountTypes[graphText(value.tokenType) ?? ''];
  const { tokenExpirationDateTime, lastSuccessfulSyncDateTime, lastSyncTriggeredDateTime } = dates(
    value,
    'tokenExpirationDateTime',
    'lastSuccessfulSyncDateTime',
    'lastSyncTriggeredDateTime',
  );
  return {
    id: adeId(value.id),
    ...(displayName && { displayName }),
    ...(appleId && { appleId }),
    ...(vppTokenAccountType && { vppTokenAccountType }),
    state: 'valid',
    lastSyncStatus: statusOf(value.lastSyncErrorCode, lastSyncTriggeredDateTime, lastSuccessfulSyncDateTime),
    ...(tokenExpirationDateTime && { expirationDateTime: tokenExpirationDateTime }),
    ...(lastSuccessfulSyncDateTime && { lastSyncDateTime: lastSuccessfulSyncDateTime }),
    ...(lastSyncTriggeredDateTime && { lastModifiedDateTime: lastSyncTriggeredDateTime }),
  };
}

function statusOf(errorCode: unknown, triggered: string | undefined, successful: string | undefined): string {
  const isRunning =
    triggered !== undefined && (successful === undefined || Date.parse(triggered) > Date.parse(successful));
  if (typeof errorCode === 'number' && errorCode !== 0) return 'failed';
  if (isRunning) return 'inProgress';
  return successful === undefined ? 'none' : 'completed';
}
