import { explanationCard, explanationText, summaryOfExplanationCard } from '../cards/explanation-card.ts';
import { NotAuditedError } from '../domain/audit-note.ts';
import { type RefusalReply, type Reply, type Turn, UserError } from '../domain/turn.ts';
import { GraphError } from '../graph/errors.ts';
import { type Explanation, textsFor } from '../i18n/texts.ts';
import type { ExchangeFailure } from '../identity/sessions.ts';
import { ExplainedGraphError } from './run-command.ts';

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

/** What a person is told of an error: their own word for word, Graph's decoded, anything else plainly; always with the reference. */
export function replyToError(turn: Turn, error: unknown): Reply {
  if (error instanceof UserError) return { kind: 'text', text: withReference(turn, error.message) };
  return refuse(turn, explainError(turn, error));
}

/** What an error means, in the words every command uses. */
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

/** What a person is told when signing them in failed for a reason that signing in again would not mend. */
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

/** A sentence that refuses, with the reference under which log and audit know of it. */
export const withReference = (
  { locale, correlationId }: Pick<Turn, 'locale' | 'correlationId'>,
  text: string,
): string => `${text} ${textsFor(locale).card.reference(correlationId)}`;
