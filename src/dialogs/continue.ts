import type { Audit } from '../audit/audit.ts';
import { withReference } from '../cards/refusal.ts';
import type { AskedOutcome } from '../domain/audit-note.ts';
import type { SignInRequest } from '../domain/sign-in-request.ts';
import type { Reply, Session, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Sessions } from '../identity/sessions.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';
import { answerProof, answerToOutcome, type CardAction, type CardActionAnswer } from './card-action.ts';
import type { Command } from './command.ts';
import { parseLine } from './parse.ts';
import type { Run } from './run-command.ts';
import { isOpenFor, placeOf, type SignIn } from './sign-in.ts';

export interface ContinueParts {
  readonly requests: StoredSignInRequests;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly run: Run;
  readonly commands: readonly Command[];
  readonly audit: Pick<Audit, 'record'>;
  readonly now: () => number;
}

export interface Continue {
  /** The press on a Continue button: signs in as its owner when needed, then goes on with the command it stands for. */
  press(turn: Turn, press: CardAction): Promise<CardActionAnswer>;
  /** Goes on with the command of a request that was just taken; `fresh` is the session its sign-in brought. */
  resume(turn: Turn, request: SignInRequest, fresh?: Session): Promise<Reply>;
}

export const continueVerb = 'signIn/continue';

export function createContinue({ requests, sessions, signIn, run, commands, audit, now }: ContinueParts): Continue {
  async function resume(turn: Turn, request: SignInRequest, fresh?: Session): Promise<Reply> {
    const parsed = parseLine(request.resume, commands);
    if (parsed.kind !== 'call')
      return { kind: 'text', text: withReference(turn, textsFor(turn.locale).signIn.requestExpired) };
    return run.command(placeOf(turn, request), parsed, fresh && { session: fresh, purpose: request.purpose });
  }

  /** What the audit calls the command that waits; undefined for one that only looks. */
  function auditedIn({ resume }: SignInRequest) {
    const parsed = parseLine(resume, commands);
    return parsed.kind === 'call' ? parsed.command.audits : undefined;
  }

  return {
    resume,
    async press(turn, press) {
      const { cardAction: words, signIn: say } = textsFor(turn.locale);
      const request = await requests.find(press.id);
      const refuse = async (outcome: AskedOutcome, text: string): Promise<CardActionAnswer> => {
        const action = request ? auditedIn(request) : 'press';
        if (action) await audit.record(turn, { action, outcome });
        return { kind: 'message', text: withReference(turn, text) };
      };
      if (!request) return refuse('unknown', words.unknown);
      if (request.owner.aadObjectId !== turn.person.aadObjectId) {
        return refuse('notYours', words.somebodyElses(request.owner.name));
      }
      const { usedAt, ...unused } = request;
      if (usedAt !== undefined && !press.proof) return refuse('used', words.used);
      if (request.expiresAt <= now()) return refuse('expired', say.requestExpired);
      if (!isOpenFor(unused, turn, now())) return refuse('otherConversation', words.otherConversation);
      if (press.trigger !== 'manual') return refuse('notManual', words.notManual);
      if (usedAt === undefined && sessions.find(turn.person)) {
        const taken = await requests.take(request.id, now());
        return taken ? answerOf(await resume(turn, request), request) : refuse('used', words.used);
      }
      // After an assertion that was too old the proof is for the request that replaced this one.
      const isMeant = ({ id, isRetry, resume, cardId }: SignInRequest) =>
        id === request.id || (isRetry === true && resume === request.resume && cardId === turn.cardId);
      const outcome = press.proof && (await answerProof(signIn, turn, press.proof, isMeant));
      if (outcome?.kind === 'signedIn') return answerOf(await resume(turn, outcome.request, outcome.session), request);
      const told = outcome && answerToOutcome(turn, outcome, press.proof);
      if (told) return told;
      if (usedAt !== undefined) return refuse('used', words.used);
      return { kind: 'signIn', requestId: request.id, text: say.prompt, how: 'silent' };
    },
  };
}

/** The card was its owner's question alone, so whatever comes of it stands in its place. */
function answerOf(reply: Reply, { messageId }: SignInRequest): CardActionAnswer {
  if (reply.kind === 'signIn') return reply;
  const answers = messageId === undefined ? {} : { messageId };
  return reply.kind === 'text' ? { ...reply, ...answers } : { kind: 'card', reply, ...answers };
}
