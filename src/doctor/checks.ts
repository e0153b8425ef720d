import type { AuditVerdict } from '../audit/verify.ts';
import type { Finding, ReadingOutcome } from '../cards/doctor-card.ts';
import { explainError, explainSignIn } from '../cards/refusal.ts';
import { accountName } from '../cards/render.ts';
import { type AuthorizedTurn, GraphError, type GraphErrorReason } from '../domain/graph.ts';
import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import type { ConversationReference, Turn } from '../domain/turn.ts';
import { delegatedPermissions, listVppTokens } from '../graph/vpp.ts';
import type { Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { findGranted } from '../identity/assertions.ts';
import { isLoopback } from '../lib/net.ts';
import type { Runtime } from '../lib/runtime.ts';
import { daysBetween, minuteMs } from '../lib/time.ts';
import type { StoreHealth } from '../store/health.ts';
import { attention, type Check, forOperator, good, warning } from './finding.ts';
import { createConnectorChecks, createMonitoringCheck, type MonitoringCheckParts } from './monitoring.ts';

/** All checks of `doctor`, in the order they are shown: the way from Teams to Intune, then the bot itself. */
export function createChecks(parts: ServiceParts & PersonParts & MonitoringCheckParts): readonly Check[] {
  const { first, last } = createServiceChecks(parts);
  return [
    ...first,
    ...createPersonChecks(parts),
    createMonitoringCheck(parts),
    ...createConnectorChecks(parts),
    ...last,
  ];
}

export type SendingOutcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly status: string }
  | { readonly kind: 'unreachable' };

interface ServiceParts {
  readonly runtime: Runtime;
  /** Sends something that leaves no trace in the conversation. */
  readonly trySending: (conversation: ConversationReference) => Promise<SendingOutcome>;
  readonly hasInboundKeys: () => Promise<boolean>;
  readonly publicUrl: string;
  /** Epoch milliseconds by Microsoft's clock. */
  readonly findGraphDate: (signal: AbortSignal) => Promise<number | undefined>;
  readonly checkStore: () => Promise<StoreHealth>;
  readonly verifyAudit: () => Promise<AuditVerdict>;
  readonly version: string;
}

/** Entra's assertions are accepted with this much skew, and a Date header is exact to the second. */
const skewMs = minuteMs;

/** Checks of the bot itself: what is wrong there only its operator can fix. */
function createServiceChecks(parts: ServiceParts): Readonly<Record<'first' | 'last', readonly Check[]>> {
  const { now } = parts.runtime;
  const registration: Check = {
    name: 'registration',
    async run({ conversation, locale }) {
      const words = textsFor(locale).doctor.registration;
      const outcome = await parts.trySending(conversation);
      if (outcome.kind === 'taken') return good(words.good);
      return attention(outcome.kind === 'refused' ? words.refused(outcome.status) : words.unreachable);
    },
  };
  const inboundKeys: Check = {
    name: 'inboundKeys',
    async run({ locale }) {
      const words = textsFor(locale).doctor.inboundKeys;
      return (await parts.hasInboundKeys()) ? good(words.good) : attention(words.missing);
    },
  };
  const address: Check = {
    name: 'address',
    async run({ locale }): Promise<Finding> {
      const words = textsFor(locale).doctor.address;
      if (new URL(parts.publicUrl).protocol === 'https:') return good(words.good);
      return isLoopback(parts.publicUrl) ? warning(words.loopback) : attention(words.insecure);
    },
  };
  const clock: Check = {
    name: 'clock',
    async run({ locale }, signal) {
      const words = textsFor(locale).doctor.clock;
      const at = await parts.findGraphDate(signal);
      if (at === undefined) return warning(words.notKnown);
      const offMs = Math.abs(now() - at);
      return offMs <= skewMs ? good(words.good) : attention(words.wrong(offMs));
    },
  };
  const store: Check = {
    name: 'store',
    async run({ locale }) {
      const { doctor, card } = textsFor(locale);
      const health = await parts.checkStore().catch(() => undefined);
      if (!health) return attention(doctor.store.broken);
      const days = Math.max(0, daysBetween(health.appliedAt, now()));
      return good(doctor.store.good(health.newestMigration, card.daysAgo(days)));
    },
  };
  const audit: Check = {
    name: 'audit',
    run: async ({ locale }) => findingOfAudit(await parts.verifyAudit(), textsFor(locale).doctor.audit),
  };
  const running: Check = {
    name: 'version',
    run: async ({ locale }) => good(textsFor(locale).doctor.version(parts.version)),
  };
  const operators = (checks: readonly Check[]) =>
    checks.map(({ name, run }) => ({
      name,
      run: async (turn: Turn, signal: AbortSignal) => forOperator(await run(turn, signal)),
    }));
  return { first: operators([registration, inboundKeys, address]), last: operators([clock, store, audit, running]) };
}

function findingOfAudit(verdict: AuditVerdict, words: Texts['doctor']['audit']): Finding {
  switch (verdict.kind) {
    case 'intact':
      return good(verdict.since === undefined ? words.none : words.good(verdict.entries, verdict.since));
    case 'unproven': {
      const newest = verdict.unproven.at(-1);
      return warning(words.unproven(newest?.last.seq ?? 0, newest?.endedAt));
    }
    case 'broken':
      return attention(words.broken(verdict.seq, verdict.at));
  }
}

interface PersonParts {
  /** The turn with the session the person has; undefined when they have none. */
  readonly findOwn: (turn: Turn) => AuthorizedTurn | undefined;
  /** Why the person's last sign-in failed; undefined once that is 15 minutes ago. */
  readonly findSignInFailure: (turn: Turn) => Promise<ExchangeFailure | undefined>;
}

/** Checks of the asker's own sign-in, consent and role, never of anybody else's. */
function createPersonChecks({ findOwn, findSignInFailure }: PersonParts): readonly Check[] {
  return [
    {
      name: 'signIn',
      async run(turn) {
        const { signIn } = textsFor(turn.locale).doctor;
        const own = findOwn(turn);
        if (own) {
          const { session, person, conversation } = own;
          return good(signIn.good(accountName(conversation.kind, session.userName, person.name)));
        }
        const failure = await findSignInFailure(turn);
        if (failure === undefined || failure.reason === 'consentRequired') return warning(signIn.missing);
        if (failure.reason === 'stepUpRequired') return warning(signIn.stepUp);
        const { what, cause, who, next } = explainSignIn(turn, failure);
        const say = isPassingFailure(failure) ? warning : attention;
        const finding = say({ text: signIn.refused(what, cause), fix: signIn.fix(who, next) });
        return ['wrongClientSecret', 'versionOne'].includes(failure.reason) ? forOperator(finding) : finding;
      },
    },
    {
      name: 'consent',
      async run(turn) {
        const { consent } = textsFor(turn.locale).doctor;
        const own = findOwn(turn);
        if (!own) {
          const failure = await findSignInFailure(turn);
          const isMissing = failure?.reason === 'consentRequired' || failure?.reason === 'notInTenant';
          return isMissing ? attention(consent.missing) : warning(consent.notKnown);
        }
        const granted = findGranted(own.session.accessToken);
        if (!granted) return good(consent.unreadable);
        const lacking = delegatedPermissions.filter((permission) => !granted.scopes.includes(permission));
        return lacking.length === 0 ? good(consent.good) : attention(consent.lacks(lacking));
      },
    },
    {
      name: 'role',
      async run(turn, signal) {
        const { role } = textsFor(turn.locale).doctor;
        const own = findOwn(turn);
        if (!own) return warning(role.notKnown);
        const reading = await tryListingTokens(own, signal);
        if (reading.kind === 'tooSlow') throw signal.reason;
        if (reading.kind === 'read')
          return reading.count === 0 ? warning(role.nothing) : good(role.good(reading.count));
        const { what, cause, next } = reading.explanation;
        const say = reading.isPassing ? warning : attention;
        return say({ text: role.refused(what, cause), fix: next });
      },
    },
  ];
}

const isPassingFailure = ({ reason }: ExchangeFailure) =>
  ['throttled', 'unavailable', 'assertionExpired'].includes(reason);

const passing: ReadonlySet<GraphErrorReason> = new Set(['throttled', 'unavailable', 'timedOut']);

/**
 * Lists the person's tokens to learn if Intune lets them. Rejects only for an error that is not Graph's; `tooSlow` once the signal
 * aborts.
 */
export async function tryListingTokens(turn: AuthorizedTurn, signal: AbortSignal): Promise<ReadingOutcome> {
  try {
    return { kind: 'read', count: (await listVppTokens(turn.graph, { signal })).length };
  } catch (error) {
    if (signal.aborted) return { kind: 'tooSlow' };
    if (!(error instanceof GraphError)) throw error;
    return { kind: 'refused', explanation: explainError(turn, error), isPassing: passing.has(error.reason) };
  }
}
