import type { Alert, MonitoringFailure } from '../domain/alert.ts';
import type { Locale } from '../domain/turn.ts';
import { type Texts, textsFor } from '../i18n/texts.ts';
import { plain, plainSentence } from '../lib/text.ts';
import { adviceLines } from './token-state.ts';

/** The likely cause and the one next step; of broken monitoring also who can mend it. */
export function alertAdvice({ condition, detail }: Alert, locale: Locale) {
  const { alert, state } = textsFor(locale);
  switch (condition) {
    case 'monitoringBroken':
      return brokenLines(detail.failure, locale);
    case 'syncStuck':
    case 'syncStale':
    case 'licenses':
      return adviceLines(alert.advice[condition], locale);
    case 'expiring':
      return adviceLines(state.advice.expiresSoon, locale);
    default:
      return adviceLines(state.advice[condition], locale);
  }
}

interface Broken {
  readonly text: string;
  readonly fix: string;
  readonly who: string;
}

/** Why monitoring is broken and who can mend it, in two sentences. */
export function brokenReason({ detail }: Alert, locale: Locale): { readonly cause: string; readonly who: string } {
  const { text, who } = explainBroken(detail.failure, textsFor(locale));
  return { cause: plainSentence(text), who };
}

function brokenLines(failure: MonitoringFailure | undefined, locale: Locale) {
  const { card } = textsFor(locale);
  const { text, fix, who } = explainBroken(failure, textsFor(locale));
  const line = (label: string, said: string) => ({ label: card.labelled(label), text: plainSentence(said) });
  return [line(card.label.cause, text), line(card.label.who, who), line(card.label.next, fix)];
}

/** Why a tenant cannot be looked at: the check-up's words where it has some, else words of its own. */
function explainBroken(failure: MonitoringFailure | undefined, { doctor, alert, errors }: Texts): Broken {
  const { monitoring } = doctor;
  const { broken } = alert;
  const admin = errors.graph.missingScope([]).who;
  const operator = errors.unexpected.who;
  const nobody = errors.graph.throttled().who;
  const roles = (failure?.neededScopes ?? []).map((role) => plain(role));
  switch (failure?.reason) {
    case 'consentRequired':
      return { ...monitoring.consent, who: admin };
    case 'missingScope':
      return { ...(roles.length === 0 ? monitoring.consent : monitoring.lacks(roles)), who: admin };
    case 'forbidden':
      return { ...broken.forbidden, who: admin };
    case 'wrongClientSecret':
      return { ...monitoring.wrongSecret, who: operator };
    case 'tenantNotAllowed':
      return { ...monitoring.tenantNotAllowed, who: operator };
    case 'refused':
    case 'stepUpRequired':
      return { ...monitoring.refused(codeOf(failure)), who: admin };
    case 'tokenRejected':
    case 'claimsChallenge':
      return { ...broken.tokenRejected, who: operator };
    case 'throttled':
      return { ...broken.throttled, who: nobody };
    case 'unavailable':
    case 'timedOut':
      return { ...broken.unavailable, who: nobody };
    case 'unreadable':
      return { ...broken.unreadable, who: operator };
    default:
      return { ...broken.unexpected, who: operator };
  }
}

/** AADSTS numbers come bare. */
function codeOf({ code, reason }: MonitoringFailure): string {
  const known = plain(code ?? '');
  return /^\d+$/.test(known) ? `AADSTS ${known}` : known || plain(reason);
}
