import { isDeepStrictEqual } from 'node:util';
import type { VppToken } from '../graph/vpp-token.ts';
import type { Alert } from './alert.ts';
import type { Observed } from './observed.ts';

/**
 * The alert with the token and the numbers as they are now; the very same object when nothing differs that a card would show. Intune
 * touches `lastModifiedDateTime` more often than anybody reads it, so that date alone is no difference.
 */
export function withFacts(alert: Alert, observed: Observed, token: VppToken | undefined): Alert {
  const detail = observed.is === 'present' ? observed.detail : alert.detail;
  const isSameToken = token === undefined || isDeepStrictEqual(shown(token), alert.token && shown(alert.token));
  if (isSameToken && isDeepStrictEqual(detail, alert.detail)) return alert;
  return { ...alert, detail, ...(token && { token }) };
}

const shown = ({ lastModifiedDateTime, ...token }: VppToken) => token;
