import { freshDays, type RenewalChecks } from '../domain/renewal.ts';
import { textsFor } from '../i18n/texts.ts';
import { plain } from '../lib/text.ts';
import { daysBetween, findInstant } from '../lib/time.ts';
import { appleIdFor } from './apple-id.ts';
import type { VerifyCardData } from './verify-card.ts';

export type Verdict = 'done' | 'notYet' | 'otherAccount' | 'notWorking';

/** The worst that the checks found: another account, then no renewal, then a renewed token that does not work. */
export function verdictOf({ expiry, appleId, organization, state, sync }: RenewalChecks): Verdict {
  if (appleId === 'changed' || organization === 'changed') return 'otherAccount';
  if (expiry !== 'moved' && expiry !== 'ahead') return 'notYet';
  return state === 'valid' && sync === 'completed' ? 'done' : 'notWorking';
}

/** The one thing to do now. */
export function nextStep(data: VerifyCardData): string {
  const { locale, token, mark, checks, callName, now } = data;
  const { verify, state: states } = textsFor(locale);
  const { next } = verify;
  switch (verdictOf(checks)) {
    case 'done':
      return next.done;
    case 'otherAccount': {
      if (checks.appleId !== 'changed') return next.otherOrganization(plain(mark?.organizationName ?? ''));
      return next.otherAppleId(appleIdFor(mark?.appleId ?? '', data.conversationKind));
    }
    case 'notYet': {
      const expiresAt = findInstant(token.expirationDateTime);
      const days = expiresAt === undefined ? 0 : daysBetween(now, expiresAt);
      return checks.expiry === 'notMoved' && days >= freshDays
        ? next.maybeBefore(days, callName)
        : next.tryAgain(callName);
    }
    case 'notWorking': {
      const { state } = token;
      if (state === 'assignedToExternalMDM' || state === 'duplicateLocationId') return states.advice[state].next;
      return checks.sync === 'running' ? next.waitForSync(callName) : next.sync(callName);
    }
  }
}
