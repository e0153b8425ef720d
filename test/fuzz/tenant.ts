import { type Seen, secrets } from './whole-bot.ts';

type Row = Readonly<Record<string, unknown>>;

const row = (number: number, more: Row): Row => ({
  '@odata.type': '#microsoft.graph.vppToken',
  id: `1000000${number}-1111-4111-8111-111111111111`,
  organizationName: 'Contoso',
  appleId: `it${number}@contoso.example`,
  countryOrRegion: 'de',
  vppTokenAccountType: 'business',
  state: 'valid',
  lastSyncStatus: 'completed',
  expirationDateTime: '2027-06-10T00:00:00Z',
  lastSyncDateTime: '2026-11-23T08:00:00.1234567Z',
  lastModifiedDateTime: '2026-11-23T08:00:00Z',
  automaticallyUpdateApps: true,
  token: secrets.vppToken,
  ...more,
});

const app = (number: number): Row => ({
  '@odata.type': '#microsoft.graph.iosVppApp',
  id: `2000000${number}-1111-4111-8111-111111111111`,
  displayName: `App ${number}`,
  bundleId: `com.example.app${number}`,
  usedLicenseCount: number * 10,
  totalLicenseCount: 45,
  vppTokenAppleId: 'it1@contoso.example',
  vppTokenOrganizationName: 'Contoso',
});

/** Location tokens and apps as Graph shows them, the secret included that is never asked for. */
export const tokenRows: readonly Row[] = [
  row(1, { organizationName: 'Adatum' }),
  row(2, {}),
  row(3, { state: 'expired', expirationDateTime: '2026-01-01T00:00:00Z' }),
  row(4, { organizationName: 'Schule Süd', lastSyncStatus: 'failed', vppTokenAccountType: 'education' }),
];
export const appRows: readonly Row[] = [1, 2, 3, 4, 5].map(app);

const pushRow: Row = {
  id: '30000001-1111-4111-8111-111111111111',
  appleIdentifier: 'mdm@contoso.example',
  expirationDateTime: '2026-12-10T00:00:00Z',
  lastModifiedDateTime: '2025-12-10T00:00:00Z',
  certificate: secrets.vppToken,
};
const enrollmentRow: Row = {
  id: '30000002-1111-4111-8111-111111111111',
  tokenName: 'Office',
  appleIdentifier: 'ade@contoso.example',
  tokenExpirationDateTime: '2027-06-10T00:00:00Z',
  lastSuccessfulSyncDateTime: '2026-11-23T08:00:00Z',
  lastSyncTriggeredDateTime: '2026-11-23T08:00:00Z',
  lastSyncErrorCode: 0,
  tokenType: 'dep',
};

/** Graph as it should be: a POST starts a sync that is over at the next reading. */
export function createTenant() {
  const syncedAt = new Map<string, string>();
  let syncs = 0;
  const shown = (found: Row): Row => {
    const at = syncedAt.get(String(found.id));
    return at === undefined ? found : { ...found, lastSyncDateTime: at };
  };

  return ({ method, url }: Seen): unknown => {
    const { pathname } = new URL(url);
    if (pathname.endsWith('/applePushNotificationCertificate')) return pushRow;
    if (pathname.endsWith('/depOnboardingSettings')) return { value: [enrollmentRow] };
    if (pathname.includes('/depOnboardingSettings/')) return enrollmentRow;
    const id = /\/vppTokens\/([^/]+)/.exec(pathname)?.[1];
    const found = tokenRows.find((each) => each.id === id);
    if (method === 'POST') {
      syncs += 1;
      if (id) syncedAt.set(id, new Date(Date.UTC(2026, 10, 23, 9) + syncs * 1000).toISOString());
    }
    if (id !== undefined) return found ? shown(found) : undefined;
    return { value: pathname.endsWith('/mobileApps') ? appRows : tokenRows.map(shown) };
  };
}

/** That as an answer. */
export function answerOf(tenant: (seen: Seen) => unknown): (seen: Seen) => Response {
  return (seen) => {
    const body = tenant(seen);
    return body === undefined
      ? Response.json({ error: { code: 'ResourceNotFound' } }, { status: 404 })
      : Response.json(body);
  };
}
