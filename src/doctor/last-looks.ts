import type { MonitoringFailure } from '../domain/alert.ts';
import type { WatchedTenant } from '../domain/alert-repositories.ts';
import type { Locale } from '../domain/turn.ts';
import type { GraphErrorReason } from '../graph/errors.ts';
import { monitoringRoles } from '../graph/vpp.ts';
import { roughly } from '../i18n/formats.ts';
import { textsFor } from '../i18n/texts.ts';
import type { ExchangeFailure } from '../identity/sessions.ts';
import { attention, type Finding, good, warning } from './finding.ts';

export interface LastLooks {
  readonly tenant: WatchedTenant | undefined;
  readonly intervalMs: number;
  readonly locale: Locale;
  readonly now: number;
}

/** What the last passes over a tenant say, for whose app token all is well. */
export function findingOfLooks({ tenant, intervalMs, locale, now }: LastLooks): Finding {
  const words = textsFor(locale).doctor.monitoring;
  if (tenant?.passedAt === undefined) return good(`${words.good} ${words.notYet}`);
  const ageOf = (at: number) => roughly(Math.max(0, now - at), locale);
  // Of a failure that could not be read back nothing is known, but a failure it was.
  const { passedAt, goodAt, failedPasses, failure = unknownFailure } = tenant;
  const lastGood = goodAt === undefined ? words.neverGood : words.lastGood(ageOf(goodAt));
  if (now - passedAt > overdueAfter(intervalMs)) return warning(words.overdue(ageOf(passedAt)));
  if (failedPasses === 0) return good(`${words.good} ${lastGood}`);
  const { text, fix } = wordsOf(failure, locale);
  const say = failedPasses === 1 ? warning : attention;
  return say({ text: `${words.failed[failure.part](failedPasses)} ${text} ${lastGood}`, fix });
}

const unknownFailure: MonitoringFailure = { part: 'tokens', reason: 'unexpected' };

/** Graph may ask for an hour's rest; beyond that and two intervals nobody looks any more. */
const overdueAfter = (intervalMs: number) => 60 * 60_000 + 2 * intervalMs;

type Reason = GraphErrorReason | ExchangeFailure['reason'] | 'unexpected';

function wordsOf({ reason, neededScopes = [], code = '' }: MonitoringFailure, locale: Locale) {
  const words = textsFor(locale).doctor.monitoring;
  const lacking = monitoringRoles.filter((role) => neededScopes.includes(role));
  const { forbidden, busy, noAnswer, unreadable, other } = words.why;
  const known: Readonly<Record<Reason, { readonly text: string; readonly fix: string }>> = {
    missingScope: lacking.length > 0 ? words.lacks(lacking) : words.consent,
    consentRequired: words.consent,
    wrongClientSecret: words.wrongSecret,
    tenantNotAllowed: words.tenantNotAllowed,
    refused: words.refused(`AADSTS ${code}`),
    assertionRejected: words.refused(reason),
    assertionExpired: words.refused(reason),
    stepUpRequired: words.refused(reason),
    ...{ forbidden, tokenRejected: forbidden, claimsChallenge: forbidden },
    ...{ throttled: busy, unavailable: noAnswer, timedOut: noAnswer, unreadable },
    ...{ badRequest: other, notFound: other, conflict: other, mayHaveStarted: other, unexpected: other },
  };
  // A newer version may have stored a reason that this one does not know.
  return known[reason as Reason] ?? other;
}
