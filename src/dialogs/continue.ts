import { withReference } from '../cards/refusal.ts';
import type { AskedOutcome } from '../domain/audit-note.ts';
import type { SignInRequest } from '../domain/sign-in-request.ts';
import type { Reply, Session, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { answerProof, answerToOutcome, type CardAction, type CardActionAnswer } from './card-action.ts';
import type { Command } from './command.ts';
import { parseLine } from './parse.ts';
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
      const { cardAction: words, signIn: signInWords } = textsFor(turn.locale);
      const request = await requests.find(action.id);
      const refuse = async (outcome: AskedOutcome, text: string): Promise<CardActionAnswer> => {
        const audited = request ? auditedIn(request) : 'press';
        if (audited) await audit.record(turn, { action: audited, outcome });
        return { kind: 'message', text: withReference(turn, text) };
      };
      if (!request) return refuse('unknown', words.unknown);
      if (request.owner.aadObjectId !== turn.person.aadObjectId) {
        return refuse('notYours', words.somebodyElses(request.owner.name));
      }
      const { usedAt, ...unused } = request;
      if (usedAt !== undefined && !action.proof) return refuse('used', words.used);
      if (request.expiresAt <= now()) return refuse('expired', signInWords.requestExpired);
      if (!isOpenFor(unused, turn, now())) return refuse('otherConversation', words.otherConversation);
      if (action.trigger !== 'manual') return refuse('notManual', words.notManual);
      if (usedAt === undefined && identity.sessions.find(turn.person)) {
        const taken = await requests.take(request.id, now());
        return taken ? answerOnCard(await resume(turn, request), request) : refuse('used', words.used);
      }
      // After an expired assertion the proof is for the request that replaced this one.
      const isMeant = ({ id, isRetry, resume, cardId }: SignInRequest) =>
        id === request.id || (isRetry === true && resume === request.resume && cardId === turn.cardId);
      const outcome = action.proof && (await answerProof(signIn, turn, action.proof, isMeant));
      if (outcome?.kind === 'signedIn') {
        return answerOnCard(await resume(turn, outcome.request, outcome.session), request);
      }
      const refused = outcome && answerToOutcome(turn, outcome, action.proof);
      if (refused) return refused;
      if (usedAt !== undefined) return refuse('used', words.used);
      return { kind: 'signIn', requestId: request.id, text: signInWords.prompt, how: 'silent' };
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

  /** What the audit calls the command that waits; undefined for one that only reads. */
  function auditedIn({ resume }: SignInRequest) {
    const parsed = parseLine(resume, commands);
    return parsed.kind === 'call' ? parsed.command.audits : undefined;
  }
}

/** The card was a question to its owner alone, so any answer takes its place. */
function answerOnCard(reply: Reply, { messageId }: SignInRequest): CardActionAnswer {
  if (reply.kind === 'signIn') return reply;
  const place = messageId === undefined ? {} : { messageId };
  return reply.kind === 'text' ? { ...reply, ...place } : { kind: 'card', reply, ...place };
}
