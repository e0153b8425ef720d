import type { Alert, TokenSnapshot } from '../../src/domain/alert.ts';
import type { VppToken } from '../../src/domain/token.ts';
import { ada, at } from './stored.ts';

export const tokenOf = (id: string, changes: Partial<VppToken> = {}): VppToken => ({
  id,
  organizationName: 'Contoso 华东',
  appleId: `${id}@contoso.example.com`,
  state: 'valid',
  lastSyncStatus: 'completed',
  ...changes,
});

/** Open, in its first revision, unless changed. */
export const alertOf = (id: string, changes: Partial<Alert> = {}): Alert => ({
  id,
  tenantId: ada.tenantId,
  tokenId: `token of ${id}`,
  condition: 'expiring',
  stage: 'd30',
  revision: 1,
  openedAt: at,
  notifiedAt: at,
  detail: {},
  ...changes,
});

export const snapshotOf = (id: string, changes: Partial<TokenSnapshot> = {}): TokenSnapshot => ({
  tenantId: ada.tenantId,
  token: tokenOf(id),
  firstSeenAt: at,
  seenAt: at,
  ...changes,
});
