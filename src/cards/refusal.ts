import { NotAuditedError } from '../domain/audit-note.ts';
import { printEntraCode } from '../domain/entra-errors.ts';
import { GraphError } from '../domain/graph.ts';
import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import { BusyError, type RefusalReply, type Reply, type Turn, UserError } from '../domain/turn.ts';
import type { Explanation } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { joinSentences } from '../lib/text.ts';
import { explanationCard, explanationText, summaryOfExplanationCard } from './explanation-card.ts';

/** An explanation as a reply, with the reference under which the log knows it. */
export function refuse(turn: Pick<Turn, 'locale' | 'correlationId'>, explanation: Explanation): RefusalReply {
  const data = { locale: turn.locale, explanation, reference: turn.correlationId };
  return {
    kind: 'refusal',
    card: explanationCard(data),
    summary: summaryOfExplanationCard(data),
    text: explanationText(data),
  };
}

/** The reply to an error: a `UserError` word for word, Graph's explained, any other as a fault of ours; always with the reference. */
export function replyToError(turn: Turn, error: unknown): Reply {
  if (error instanceof UserError) return { kind: 'text', text: withReference(turn, error.message) };
  return refuse(turn, explainError(turn, error));
}

/** Explains an error in the words every command uses. */
export function explainError({ locale }: Turn, error: unknown): Explanation {
  const { errors } = textsFor(locale);
  if (error instanceof ExplainedGraphError) return error.explanation;
  if (error instanceof BusyError) return errors.busy;
  if (error instanceof NotAuditedError) return errors.notAudited;
  if (!(error instanceof GraphError)) return errors.unexpected;
  switch (error.reason) {
    case 'missingScope':
      return errors.graph.missingScope(error.neededScopes ?? []);
    case 'throttled':
      return errors.graph.throttled(error.retryAfterMs);
    default:
      return errors.graph[error.reason];
  }
}

/** The reply to a failed sign-in that signing in again would not repair. */
export const refuseSignIn = (turn: Turn, failure: ExchangeFailure): Reply => refuse(turn, explainSignIn(turn, failure));

/** Why a person could not be signed in, in the words of chat and check-up alike. */
export function explainSignIn({ locale }: Turn, failure: ExchangeFailure): Explanation {
  const { signIn } = textsFor(locale);
  switch (failure.reason) {
    case 'tenantNotAllowed':
      // Activities of other tenants do not get so far: they signed in to another one than the conversation's.
      return signIn.guestNotSetUp(failure.tenantId);
    case 'versionOne':
      return signIn.versionOne;
    case 'wrongClientSecret':
      return signIn.wrongSecret(printEntraCode(failure.code));
    case 'notInTenant':
      return signIn.notInTenant(printEntraCode(failure.code));
    case 'stepUpRequired':
    case 'blockedByPolicy':
      return signIn.blockedByPolicy(printEntraCode(failure.code));
    case 'consentRequired':
      return signIn.notConsented(printEntraCode(failure.code));
    case 'throttled':
      return signIn.throttled(failure.retryAfterMs);
    case 'unavailable':
      return signIn.unavailable;
    case 'refused':
      return signIn.refused(printEntraCode(failure.code));
    case 'assertionExpired':
      return signIn.expiredAgain;
    case 'assertionRejected':
      return signIn.rejected;
  }
}

/** A sentence with the reference under which log and audit know the turn. */
export const withReference = (
  { locale, correlationId }: Pick<Turn, 'locale' | 'correlationId'>,
  text: string,
): string => joinSentences(text, textsFor(locale).card.reference(correlationId));

/** A failure of Graph whose feature knows better than the general words what it means. Logged like any other. */
export class ExplainedGraphError extends GraphError {
  readonly explanation: Explanation;

  constructor(error: GraphError, explanation: Explanation) {
    super(error.reason, error);
    this.explanation = explanation;
  }
}
