import { isDeepStrictEqual } from 'node:util';
import type { VppToken } from '../graph/vpp-token.ts';
import type { Alert } from './alert.ts';
import type { Observed } from './observed.ts';

/**
 * The alert with the token and the numbers as they are now; the very same object when nothing differs that a card would show, and with
 * its very own detail when only the token does. Intune
 * touches `lastModifiedDateTime` more often than anybody reads it, so that date alone is no difference.
 */
export function withFacts(alert: Alert, observed: Observed, token: VppToken | undefined): Alert {
  const isSameDetail = observed.is !== 'present' || isDeepStrictEqual(observed.detail, alert.detail);
  const isSameToken = token === undefined || isDeepStrictEqual(shown(token), alert.token && shown(alert.token));
  if (isSameToken && isSameDetail) return alert;
  const detail = isSameDetail ? alert.detail : observed.detail;
  return { ...alert, detail, ...(token && { token }) };
}

const shown = ({ lastModifiedDateTime, ...token }: VppToken) => token;
