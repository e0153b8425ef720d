import type { VppToken } from '../graph/vpp-token.ts';
import type { Alert, AlertEvent } from './alert.ts';
import type { Observed } from './observed.ts';
import { stepAlert } from './step-alert.ts';

/** What a pass has to say of one condition of one token; of the tenant itself when the id is empty. */
export interface Sighting {
  readonly tokenId: string;
  readonly token?: VppToken;
  readonly observed: Observed;
}

export interface ChangedAlert {
  readonly alert: Alert;
  readonly event?: AlertEvent;
}

/** Every alert of a tenant that a pass changes, or begins. `alerts` are the open ones and those that ended lately. */
export function stepAll(
  alerts: readonly Alert[],
  sightings: readonly Sighting[],
  at: { readonly tenantId: string; readonly now: number; readonly newId: () => string },
): ChangedAlert[] {
  const newest = new Map<string, Alert>();
  for (const alert of alerts) {
    const key = keyOf(alert.tokenId, alert.condition);
    const other = newest.get(key);
    if (!other || isNewer(alert, other)) newest.set(key, alert);
  }
  return sightings.flatMap(({ tokenId, token, observed }) => {
    const last = newest.get(keyOf(tokenId, observed.condition));
    const { alert, event } = stepAlert(last, observed, { ...at, tokenId, ...(token && { token }) });
    return alert ? [{ alert, ...(event && { event }) }] : [];
  });
}

const keyOf = (tokenId: string, condition: string) => `${tokenId} ${condition}`;

/** One that is open is newer than all that ended. */
const isNewer = (alert: Alert, than: Alert) =>
  (alert.endedAt ?? Number.POSITIVE_INFINITY) > (than.endedAt ?? Number.POSITIVE_INFINITY);
