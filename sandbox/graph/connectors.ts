import type { Seed } from '../seed/seed.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import {
  type Answer,
  badRequest,
  checkOptions,
  intuneError,
  missingScope,
  selectProperties,
  toGraphDate,
} from './answers.ts';
import { type Access, getAccess, type Intune, type IntuneToken, needs } from './intune.ts';
import { type AnswerSettings, answerList, type ResourceRequest } from './resources.ts';

/** The Apple connectors beside the location tokens. */
export interface Connectors {
  getPushCertificate(request: ResourceRequest): Answer;
  listEnrollmentTokens(request: ResourceRequest): Answer;
  getEnrollmentToken(request: ResourceRequest, id: string): Answer;
  syncEnrollmentToken(request: ResourceRequest, id: string): Answer;
}

type ConnectorsOptions = Pick<Seed, 'people' | 'tenants'> & {
  readonly intune: Intune;
  readonly settings: AnswerSettings;
  now(): number;
};

/** Intune asks Apple for an enrolment token's devices this often at most. */
const enrollmentSyncEveryMs = 15 * 60_000;

export function createConnectors({ intune, settings, people, tenants, now }: ConnectorsOptions): Connectors {
  const enter = (request: ResourceRequest, need: 'readPush' | 'readAde' | 'syncTokens'): Access => {
    checkOptions(request.query, { allowFilter: false });
    const kind = need === 'readPush' ? 'push' : 'ade';
    if (settings.notCovered.has(kind)) throw missingScope(needs[need === 'readPush' ? 'readPush' : 'readAde']);
    return getAccess({ caller: request.caller, need, people, tenants });
  };
  const getToken = (access: Access, id: string): IntuneToken => {
    const kept = intune.find(id);
    if (kept?.token.kind === 'ade' && kept.token.tenantId === access.tenantId && access.canSee(kept.token)) return kept;
    throw intuneError(404, 'ResourceNotFound', `No depOnboardingSetting has the identifier ${id}`);
  };
  const show = (token: SeedToken, { query }: ResourceRequest) =>
    selectProperties(enrollmentProperties(token, settings.secret), query, 'microsoft.graph.depOnboardingSetting');

  return {
    getPushCertificate(request) {
      const { tenantId } = enter(request, 'readPush');
      const [kept] = intune.listConnectors(tenantId, 'push');
      if (!kept) throw intuneError(404, 'ResourceNotFound', 'There is no applePushNotificationCertificate.');
      const type = 'microsoft.graph.applePushNotificationCertificate';
      const shown = selectProperties(pushProperties(kept.token, settings.secret), request.query, type);
      const context = `${request.root}/$metadata#deviceManagement/applePushNotificationCertificate`;
      // The documentation's example wraps it.
      const body = settings.actionForm === 'wrapped' ? { value: shown } : { '@odata.context': context, ...shown };
      return { status: 200, body };
    },
    listEnrollmentTokens(request) {
      const access = enter(request, 'readAde');
      const items = intune.listConnectors(access.tenantId, 'ade').filter(({ token }) => access.canSee(token));
      const path = 'deviceManagement/depOnboardingSettings';
      return answerList(request, path, items, settings.pageSize, ({ token }) => show(token, request));
    },
    getEnrollmentToken: (request, id) => ({
      status: 200,
      body: show(getToken(enter(request, 'readAde'), id).token, request),
    }),
    syncEnrollmentToken(request, id) {
      const kept = getToken(enter(request, 'syncTokens'), id);
      if (now() - (triggeredAtOf(kept.token) ?? 0) < enrollmentSyncEveryMs) {
        throw badRequest('A sync may be triggered every 15 minutes.');
      }
      intune.startSync(kept);
      return { status: 204 };
    },
  };
}

/** Source: v1.0-Prod.csdl of github.com/microsoftgraph/msgraph-metadata. */
const pushProperties = (token: SeedToken, secret: string | null): Record<string, unknown> => ({
  id: token.id,
  appleIdentifier: token.appleId,
  topicIdentifier: 'com.apple.mgmt.External.rehearsal',
  lastModifiedDateTime: toGraphDate(token.lastModifiedAt),
  expirationDateTime: toGraphDate(token.expiresAt),
  certificateSerialNumber: '5B1C0DE5',
  certificateUploadStatus: 'success',
  certificateUploadFailureReason: null,
  certificate: secret,
});

const triggeredAtOf = ({ lastSyncStatus, lastModifiedAt, lastSyncAt }: SeedToken) =>
  lastSyncStatus === 'inProgress' || lastSyncStatus === 'failed' ? lastModifiedAt : lastSyncAt;

/** Source: beta-Prod.csdl of github.com/microsoftgraph/msgraph-metadata. A failed sync keeps the date of the last good one. */
function enrollmentProperties(token: SeedToken, secret: string | null): Record<string, unknown> {
  const { lastSyncStatus, lastSyncAt } = token;
  return {
    id: token.id,
    appleIdentifier: token.appleId,
    tokenName: token.displayName,
    tokenType: token.vppTokenAccountType === 'education' ? 'appleSchoolManager' : 'dep',
    tokenExpirationDateTime: toGraphDate(token.expiresAt),
    lastModifiedDateTime: toGraphDate(token.lastModifiedAt),
    lastSuccessfulSyncDateTime: toGraphDate(lastSyncStatus === 'none' ? undefined : lastSyncAt),
    lastSyncTriggeredDateTime: toGraphDate(triggeredAtOf(token)),
    lastSyncErrorCode: lastSyncStatus === 'failed' ? 3_013 : 0,
    syncedDeviceCount: 42,
    roleScopeTagIds: token.roleScopeTagIds,
    dataSharingConsentGranted: true,
    shareTokenWithSchoolDataSyncService: false,
    tokenSecret: secret,
  };
}
