import { type Alert, type Condition, chosenConditions, conditionStages } from '../../src/domain/alert.ts';
import type { AlertSubscription } from '../../src/domain/subscription.ts';
import type { VppToken } from '../../src/domain/token.ts';

export const now = Date.UTC(2026, 10, 23, 14, 3);
const hourMs = 3_600_000;

export const berlin: VppToken = {
  id: 'e4d5c6b7',
  displayName: 'Contoso Berlin',
  locationName: 'Berlin Mitte',
  organizationName: 'Contoso GmbH',
  appleId: 'jo.vpp@contoso.com',
  countryOrRegion: 'de',
  vppTokenAccountType: 'business',
  state: 'valid',
  lastSyncStatus: 'completed',
  expirationDateTime: '2027-06-10T00:00:00Z',
  lastSyncDateTime: '2026-11-23T13:00:00.1234567Z',
  automaticallyUpdateApps: true,
};

/** An alert of Contoso Berlin, open for two hours unless changed. */
export function alertOf(condition: Condition, changes: Partial<Alert> = {}): Alert {
  const isBroken = condition === 'monitoringBroken';
  return {
    id: `alert-${condition}`,
    tenantId: 'tenant-1',
    tokenId: isBroken ? '' : berlin.id,
    condition,
    stage: conditionStages[condition][0],
    revision: 1,
    openedAt: now - 2 * hourMs,
    notifiedAt: now - 2 * hourMs,
    ...(!isBroken && { token: berlin }),
    detail: {},
    ...changes,
  };
}

export const subscriptionOf = (changes: Partial<AlertSubscription> = {}): AlertSubscription => ({
  id: 'subscription-1',
  tenantId: 'tenant-1',
  conversationId: '19:group',
  owner: { tenantId: 'tenant-1', aadObjectId: 'ada', teamsId: '29:ada', name: 'Ada Lindqvist' },
  locale: 'en',
  scope: 'all',
  events: chosenConditions,
  timeZone: 'Europe/Berlin',
  createdAt: now - 48 * hourMs,
  ...changes,
});
