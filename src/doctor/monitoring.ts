import type { Finding } from '../cards/doctor-card.ts';
import { explainKind } from '../cards/token-parts.ts';
import type { MonitoringFailure } from '../domain/alert.ts';
import type { WatchedTenant } from '../domain/alert-repositories.ts';
import { printEntraCode } from '../domain/entra-errors.ts';
import type { GraphErrorReason } from '../domain/graph.ts';
import { AppTokenError, type ExchangeFailure } from '../domain/sign-in-request.ts';
import type { ConnectorReading } from '../domain/token.ts';
import type { Locale, Turn } from '../domain/turn.ts';
import { monitoringRoles } from '../graph/vpp.ts';
import type { Texts } from '../i18n/en.ts';
import { roughly } from '../i18n/formats.ts';
import { textsFor } from '../i18n/texts.ts';
import { findGranted } from '../identity/assertions.ts';
import type { AppTokens } from '../identity/tokens.ts';
import type { Runtime } from '../lib/runtime.ts';
import { joinSentences } from '../lib/text.ts';
import { hourMs } from '../lib/time.ts';
import { attention, type Check, forOperator, good, warning } from './finding.ts';

export interface MonitoringCheckParts {
  readonly runtime: Runtime;
  /** The tenant that the asker signed in to, be it in vain; else that of the conversation. */
  readonly tenantOf: (turn: Turn) => Promise<string>;
  /** Absent with MONITOR=off. */
  readonly monitoring?: {
    readonly getAppToken: AppTokens['getAppToken'];
    readonly findTenant: (tenantId: string) => Promise<WatchedTenant | undefined>;
    readonly intervalMs: number;
  };
  /** Reads the connectors beside VPP tokens with the app's own token; absent with MONITOR=off. */
  readonly readConnectors?: (tenantId: string, signal: AbortSignal) => Promise<readonly ConnectorReading[]>;
}

/** However often people ask, Entra is asked at most this often for one tenant. */
const askEntraEveryMs = 10_000;

/**
 * Checks that the app's own token can be had for the asker's tenant and may read what monitoring needs, then how its last passes
 * went.
 */
export function createMonitoringCheck({ runtime, tenantOf, monitoring }: MonitoringCheckParts): Check {
  const { now } = runtime;
  const asked = new Map<string, { readonly at: number; readonly token: Promise<string> }>();

  /** A cached token would hide consent that was given or taken away since. */
  function renewAppToken(getAppToken: AppTokens['getAppToken'], tenantId: string): Promise<string> {
    const last = asked.get(tenantId);
    if (last && Math.abs(now() - last.at) < askEntraEveryMs) return last.token;
    const token = getAppToken(tenantId, { renew: true });
    asked.set(tenantId, { at: now(), token });
    return token;
  }

  return {
    name: 'monitoring',
    async run(turn) {
      const { locale } = turn;
      const words = textsFor(locale).doctor.monitoring;
      if (!monitoring) return forOperator(warning(words.off));
      const { getAppToken, findTenant, intervalMs } = monitoring;
      const tenantId = await tenantOf(turn);
      try {
        const finding = findingOfToken(await renewAppToken(getAppToken, tenantId), words);
        if (finding.tone !== 'good') return finding;
        return findingOfPasses({ tenant: await findTenant(tenantId), intervalMs, locale, now: now() });
      } catch (error) {
        if (!(error instanceof AppTokenError)) throw error;
        return findingOfFailure(error, words);
      }
    },
  };
}

/** Which of the connectors beside VPP tokens are monitored, and what keeps the others from it. None with MONITOR=off. */
export function createConnectorChecks({ tenantOf, readConnectors }: MonitoringCheckParts): readonly Check[] {
  if (!readConnectors) return [];
  const connectors: Check = {
    name: 'connectors',
    async run(turn, signal) {
      const { locale } = turn;
      const { connector } = textsFor(locale);
      const readings = await readConnectors(await tenantOf(turn), signal);
      const { read = [], others = [] } = Object.groupBy(readings, ({ is }) => (is === 'read' ? 'read' : 'others'));
      const found = read.map((each) =>
        each.is === 'read' && each.connectors.length > 0
          ? connector.monitored(connector.kinds[each.kind], each.connectors.length)
          : explainKind(each, locale),
      );
      const text = joinSentences(...found, ...others.map((each) => explainKind(each, locale)));
      const isLacking = others.some(({ is }) => is === 'notCovered');
      return isLacking ? warning({ text, fix: connector.cover }) : good(text);
    },
  };
  return [connectors];
}

type Words = Texts['doctor']['monitoring'];

/** Without consent Entra may still issue a token, one without roles. */
function findingOfToken(token: string, words: Words): Finding {
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
      return forOperator(attention(words.wrongSecret(printEntraCode(failure.code))));
    case 'blockedByPolicy':
    case 'notInTenant':
      return attention(words[failure.reason](printEntraCode(failure.code)));
    case 'tenantNotAllowed':
      return forOperator(attention(words.tenantNotAllowed));
    case 'throttled':
      return warning(words.throttled);
    case 'unavailable':
      return forOperator(attention(words.unavailable));
    case 'refused':
      return attention(words.refused(printEntraCode(failure.code)));
    case 'assertionRejected':
    case 'assertionExpired':
    case 'versionOne':
    case 'stepUpRequired':
      return attention(words.refused(failure.reason));
  }
}

interface LastPasses {
  readonly tenant: WatchedTenant | undefined;
  readonly intervalMs: number;
  readonly locale: Locale;
  readonly now: number;
}

function findingOfPasses({ tenant, intervalMs, locale, now }: LastPasses): Finding {
  const words = textsFor(locale).doctor.monitoring;
  if (tenant?.passedAt === undefined) return good(joinSentences(words.good, words.notYet));
  const ageOf = (at: number) => roughly(Math.max(0, now - at), locale);
  // The stored failure may be unreadable, but a failure it was.
  const { passedAt, goodAt, failedPasses, failure = unknownFailure } = tenant;
  const lastGood = goodAt === undefined ? words.neverGood : words.lastGood(ageOf(goodAt));
  if (now - passedAt > overdueAfter(intervalMs)) return forOperator(warning(words.overdue(ageOf(passedAt))));
  if (failedPasses === 0) return good(joinSentences(words.good, lastGood));
  const { text, fix } = wordsOf(failure, locale);
  const say = failedPasses === 1 ? warning : attention;
  const finding = say({ text: joinSentences(words.failed[failure.part](failedPasses), text, lastGood), fix });
  return othersCanFix.has(failure.reason) ? finding : forOperator(finding);
}

const unknownFailure: MonitoringFailure = { part: 'tokens', reason: 'unexpected' };

/** Graph's Retry-After may put a pass off by an hour; later than that and two intervals, no process makes passes any more. */
const overdueAfter = (intervalMs: number) => hourMs + 2 * intervalMs;

/** Administrators of the organisation can act on these, or they pass. */
const othersCanFix: ReadonlySet<string> = new Set([
  'missingScope',
  'consentRequired',
  'blockedByPolicy',
  'notInTenant',
  'refused',
  'forbidden',
  'tokenRejected',
  'claimsChallenge',
  'throttled',
  'allGone',
]);

type Reason = GraphErrorReason | ExchangeFailure['reason'] | 'allGone' | 'unexpected';

function wordsOf({ reason, neededScopes = [], code = '' }: MonitoringFailure, locale: Locale) {
  const words = textsFor(locale).doctor.monitoring;
  const lacking = monitoringRoles.filter((role) => neededScopes.includes(role));
  const { forbidden, busy, noAnswer, unreadable, other } = words.why;
  const known: Readonly<Record<Reason, { readonly text: string; readonly fix: string }>> = {
    missingScope: lacking.length > 0 ? words.lacks(lacking) : words.consent,
    consentRequired: words.consent,
    wrongClientSecret: words.wrongSecret(printEntraCode(code)),
    blockedByPolicy: words.blockedByPolicy(printEntraCode(code)),
    notInTenant: words.notInTenant(printEntraCode(code)),
    tenantNotAllowed: words.tenantNotAllowed,
    refused: words.refused(printEntraCode(code)),
    versionOne: words.refused(reason),
    assertionRejected: words.refused(reason),
    assertionExpired: words.refused(reason),
    stepUpRequired: words.refused(reason),
    forbidden,
    tokenRejected: forbidden,
    claimsChallenge: forbidden,
    throttled: busy,
    unavailable: noAnswer,
    timedOut: noAnswer,
    unreadable,
    allGone: textsFor(locale).alert.broken.allGone,
    badRequest: other,
    notFound: other,
    conflict: other,
    mayHaveStarted: other,
    unexpected: other,
  };
  // A newer version may have stored a reason that this one does not know.
  return known[reason as Reason] ?? other;
}
