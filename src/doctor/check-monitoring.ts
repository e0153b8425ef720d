import type { WatchedTenant } from '../domain/alert-repositories.ts';
import type { Turn } from '../domain/turn.ts';
import { monitoringRoles } from '../graph/vpp.ts';
import { type Texts, textsFor } from '../i18n/texts.ts';
import { findGranted } from '../identity/assertions.ts';
import { AppTokenError, type AppTokens } from '../identity/tokens.ts';
import { attention, type Check, type Finding, good, warning } from './finding.ts';
import { findingOfLooks } from './last-looks.ts';

export interface MonitoringParts {
  /** Absent with MONITOR=off. */
  readonly getAppToken?: AppTokens['getAppToken'];
  /** The tenant that the asker is signed in to, else that of the conversation. */
  readonly tenantOf: (turn: Turn) => string;
  /** How the last passes over a tenant went; absent where nobody makes any. */
  readonly looks?: {
    readonly findTenant: (tenantId: string) => Promise<WatchedTenant | undefined>;
    readonly intervalMs: number;
  };
  readonly now: () => number;
}

/** However often people ask, Entra is asked no more often than this for one tenant. */
const restMs = 10_000;

/**
 * Whether the app's own read-only token can be had for the asker's tenant and reads what monitoring needs, then how the last passes
 * over that tenant went.
 */
export function monitoringCheck({ getAppToken, tenantOf, looks, now }: MonitoringParts): Check {
  const asked = new Map<string, { readonly at: number; readonly token: Promise<string> }>();

  /** A new token: one from memory would hide what was granted or taken away since. */
  function askAnew(get: AppTokens['getAppToken'], tenantId: string): Promise<string> {
    const last = asked.get(tenantId);
    if (last && Math.abs(now() - last.at) < restMs) return last.token;
    const token = get(tenantId, { renew: true });
    asked.set(tenantId, { at: now(), token });
    return token;
  }

  return {
    name: 'monitoring',
    async look(turn) {
      const { locale } = turn;
      const words = textsFor(locale).doctor.monitoring;
      if (!getAppToken) return warning(words.off);
      const tenantId = tenantOf(turn);
      try {
        const finding = findingOf(await askAnew(getAppToken, tenantId), words);
        if (finding.tone !== 'good' || !looks) return finding;
        const { findTenant, intervalMs } = looks;
        return findingOfLooks({ tenant: await findTenant(tenantId), intervalMs, locale, now: now() });
      } catch (error) {
        if (!(error instanceof AppTokenError)) throw error;
        return findingOfFailure(error, words);
      }
    },
  };
}

type Words = Texts['doctor']['monitoring'];

/** Without consent Entra may give a token all the same, which may do nothing. */
function findingOf(token: string, words: Words): Finding {
  const granted = findGranted(token);
  const lacking = granted ? monitoringRoles.filter((role) => !granted.roles.includes(role)) : [];
  if (lacking.length === 0) return good(words.good);
  return attention(lacking.length === monitoringRoles.length ? words.consent : words.lacks(lacking));
}

function findingOfFailure({ failure }: AppTokenError, words: Words): Finding {
  switch (failure.reason) {
    case 'consentRequired':
      return attention(words.consent);
    case 'wrongClientSecret':
      return attention(words.wrongSecret);
    case 'tenantNotAllowed':
      return attention(words.tenantNotAllowed);
    case 'throttled':
      return warning(words.throttled);
    case 'unavailable':
      return attention(words.unavailable);
    case 'refused':
      return attention(words.refused(`AADSTS ${failure.code}`));
    case 'assertionRejected':
    case 'assertionExpired':
    case 'stepUpRequired':
      return attention(words.refused(failure.reason));
  }
}
