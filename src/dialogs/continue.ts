import { withReference } from '../cards/refusal.ts';
import type { AuditAction } from '../domain/audit-note.ts';
import type { SignInRequest } from '../domain/sign-in-request.ts';
import type { Reply, Session, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { answerProof, answerToOutcome, type CardAction, type CardActionAnswer } from './card-action.ts';
import { type Command, parseLine } from './command.ts';
import type { Run } from './run-command.ts';
import type { Services } from './services.ts';
import { isOpenFor, placeOf, type SignIn, type SignInOutcome } from './sign-in.ts';

/** How an interrupted command goes on after a sign-in. */
export interface Continue {
  /** Answers the Continue button: signs in its owner when needed, then goes on with the command that waits. */
  answerButton(turn: Turn, action: CardAction): Promise<CardActionAnswer>;
  /** Replies in the chat to a sign-in that ended there; after a good one, with the reply of the command that waited. */
  replyToSignIn(turn: Turn, outcome: SignInOutcome): Promise<Reply>;
}

export const continueVerb = 'signIn/continue';

interface ContinueParts {
  readonly signIn: SignIn;
  readonly run: Run;
  readonly commands: readonly Command[];
}

export function createContinue(services: Services, { signIn, run, commands }: ContinueParts): Continue {
  const { identity, stores, audit, runtime } = services;
  const { requests } = stores;
  const { now } = runtime;

  return {
    async answerButton(turn, action) {
      const request = await requests.find(action.id);
      const refusal = findRefusal(turn, action, request, now());
      if (!request || refusal) return refuse(turn, request, refusal ?? 'unknown');
      if (request.usedAt === undefined && identity.sessions.find(turn.person)) {
        const taken = await requests.take(request.id, now());
        return taken ? answerOnCard(await resume(turn, request), request) : refuse(turn, request, 'used');
      }
      // After an expired assertion the proof is for the request that replaced this one.
      const isMeant = ({ id, isRetry, resume, cardId }: SignInRequest) =>
        id === request.id || (isRetry === true && resume === request.resume && cardId === turn.cardId);
      const outcome = action.proof && (await answerProof(signIn, turn, action.proof, isMeant));
      if (outcome?.kind === 'signedIn') {
        return answerOnCard(await resume(turn, outcome.request, outcome.session), request);
      }
      const failed = outcome && answerToOutcome(turn, outcome, action.proof);
      if (failed) return failed;
      if (request.usedAt !== undefined) return refuse(turn, request, 'used');
      return { kind: 'signIn', requestId: request.id, text: textsFor(turn.locale).signIn.prompt, how: 'silent' };
    },
    async replyToSignIn(turn, outcome) {
      switch (outcome.kind) {
        case 'signedIn':
          return resume(turn, outcome.request, outcome.session);
        case 'ignored':
          return { kind: 'text', text: withReference(turn, textsFor(turn.locale).signIn.codeNotAccepted) };
        case 'signInAgain':
          return outcome.reply ?? { kind: 'text', text: outcome.text };
        case 'replaced':
        case 'refused':
          return outcome.reply;
      }
    },
  };

  /** Goes on with the command of a request that was just taken. `fresh` is the session that its sign-in brought. */
  async function resume(turn: Turn, request: SignInRequest, fresh?: Session): Promise<Reply> {
    const parsed = parseLine(request.resume, commands);
    if (parsed.kind !== 'call') {
      return { kind: 'text', text: withReference(turn, textsFor(turn.locale).signIn.requestExpired) };
    }
    return run.command(placeOf(turn, request), parsed, fresh && { session: fresh, purpose: request.purpose });
  }

  async function refuse(turn: Turn, request: SignInRequest | undefined, refusal: Refusal): Promise<CardActionAnswer> {
    const action = request ? auditedAction(request) : 'press';
    if (action) await audit.record(turn, { action, outcome: refusal });
    return { kind: 'message', text: explainRefusal(turn, request, refusal) };
  }

  /** Name in the audit of the command that waits; undefined for one that only reads. */
  function auditedAction(request: SignInRequest): AuditAction | undefined {
    const parsed = parseLine(request.resume, commands);
    return parsed.kind === 'call' ? parsed.command.audits : undefined;
  }
}

type Refusal = 'unknown' | 'notYours' | 'used' | 'expired' | 'otherConversation' | 'notManual';

function findRefusal(
  turn: Turn,
  { proof, trigger }: CardAction,
  request: SignInRequest | undefined,
  now: number,
): Refusal | undefined {
  if (!request) return 'unknown';
  const { usedAt, ...unused } = request;
  if (request.owner.aadObjectId !== turn.person.aadObjectId) return 'notYours';
  // A proof may still come in for a request that was replaced.
  if (usedAt !== undefined && !proof) return 'used';
  if (request.expiresAt <= now) return 'expired';
  if (!isOpenFor(unused, turn, now)) return 'otherConversation';
  return trigger === 'manual' ? undefined : 'notManual';
}

function explainRefusal({ locale }: Turn, request: SignInRequest | undefined, refusal: Refusal): string {
  const { cardAction, signIn } = textsFor(locale);
  if (refusal === 'notYours' && request) return cardAction.somebodyElses(request.owner.name);
  return refusal === 'expired' ? signIn.requestExpired : cardAction[refusal];
}

/** The card was a question to its owner alone, so any answer takes its place. */
function answerOnCard(reply: Reply, { messageId }: SignInRequest): CardActionAnswer {
  if (reply.kind === 'signIn') return reply;
  const place = messageId === undefined ? {} : { messageId };
  return reply.kind === 'text' ? { ...reply, ...place } : { kind: 'card', reply, ...place };
}
