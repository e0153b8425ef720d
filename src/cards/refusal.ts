import { NotAuditedError } from '../domain/audit-note.ts';
import { GraphError } from '../domain/graph.ts';
import type { ExchangeFailure } from '../domain/sign-in-request.ts';
import { type RefusalReply, type Reply, type Turn, UserError } from '../domain/turn.ts';
import type { Explanation } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
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
  if (error instanceof NotAuditedError) return errors.notAudited;
  if (!(error instanceof GraphError)) return errors.unexpected;
  switch (error.reason) {
    case 'missingScope':
      return errors.graph.missingScope(error.neededScopes ?? []);
    case 'throttled':
      return errors.graph.throttled(error.retryAfterMs);
    case 'claimsChallenge':
      return errors.graph.tokenRejected;
    default:
      return errors.graph[error.reason];
  }
}

/** The reply to a failed sign-in that signing in again would not repair. */
export function refuseSignIn(turn: Turn, failure: ExchangeFailure): Reply {
  const { signIn } = textsFor(turn.locale);
  switch (failure.reason) {
    case 'tenantNotAllowed':
      return { kind: 'text', text: withReference(turn, signIn.notSetUp) };
    case 'wrongClientSecret':
      return refuse(turn, signIn.wrongSecret);
    case 'throttled':
      return refuse(turn, signIn.throttled(failure.retryAfterMs));
    case 'unavailable':
      return refuse(turn, signIn.unavailable);
    case 'refused':
      return refuse(turn, signIn.refused(failure.code));
    case 'assertionExpired':
      return refuse(turn, signIn.expiredAgain);
    case 'assertionRejected':
    case 'consentRequired':
    case 'stepUpRequired':
      return refuse(turn, signIn.rejected);
  }
}

/** A sentence with the reference under which log and audit know the turn. */
export const withReference = (
  { locale, correlationId }: Pick<Turn, 'locale' | 'correlationId'>,
  text: string,
): string => `${text} ${textsFor(locale).card.reference(correlationId)}`;

/** A failure of Graph whose feature knows better than the general words what it means. Logged like any other. */
export class ExplainedGraphError extends GraphError {
  readonly explanation: Explanation;

  constructor(error: GraphError, explanation: Explanation) {
    super(error.reason, error);
    this.explanation = explanation;
  }
}
