import type { Change } from '../cards/change.ts';
import type { VppToken } from '../graph/vpp-token.ts';

const compared = [
  { what: 'state', of: 'state' },
  { what: 'expiry', of: 'expirationDateTime' },
  { what: 'lastSync', of: 'lastSyncDateTime' },
] as const;

/** What differs on the token itself between before and after a sync, in the order people care about. */
export function changesBetween(before: VppToken, after: VppToken): Change[] {
  return compared
    .filter(({ of }) => before[of] !== after[of])
    .map(({ what, of }) => ({
      what,
      ...(before[of] !== undefined && { before: before[of] }),
      ...(after[of] !== undefined && { after: after[of] }),
    }));
}
