import type { Continue } from '../dialogs/continue.ts';
import { replyToOutcome } from '../dialogs/message.ts';
import { replyToError } from '../dialogs/refuse.ts';
import { placeOf, type SignIn, type SignInOutcome } from '../dialogs/sign-in.ts';
import { explainSilentFailure } from '../dialogs/silent-failure.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import type { SignInRequest } from '../identity/sign-in-request.ts';
import { within } from '../lib/async.ts';
import { isOpaqueId } from '../lib/ids.ts';
import type { InvokeAnswer } from './invoke-answer.ts';
import { invokeBudgetMs } from './press-bot.ts';
import type { WhileTyping } from './typing.ts';

export interface SignInBotParts {
  readonly signIn: SignIn;
  readonly resume: Continue['resume'];
  readonly findOpenRequest: (turn: Turn) => Promise<SignInRequest | undefined>;
  readonly deliver: (turn: Turn, reply: Reply) => Promise<void>;
  readonly whileTyping: WhileTyping;
  readonly log: { warn(fields: object, message: string): void };
}

export interface SignInBot {
  /** `signin/tokenExchange`: a client answered an OAuthCard silently. */
  tokenExchange(turn: Turn, value: unknown): Promise<InvokeAnswer>;
  /** `signin/verifyState`: the sign-in window handed over its one-time code. */
  verifyState(turn: Turn, value: unknown): Promise<InvokeAnswer>;
  /** `signin/failure`: the client could not answer silently. */
  failure(turn: Turn, value: unknown): Promise<InvokeAnswer>;
}

/** Teams' own sign-in invokes. Whatever goes on after them goes on in the background, in the chat. */
export function createSignInBot(parts: SignInBotParts): SignInBot {
  const { signIn, resume, deliver } = parts;

  /** Whatever comes of a sign-in belongs to the message or card that asked for it. */
  async function goOn(turn: Turn, outcome: SignInOutcome): Promise<void> {
    const place = outcome.kind === 'ignored' ? turn : placeOf(turn, outcome.request);
    const reply = await parts.whileTyping(place.conversation, () =>
      replyToOutcome(turn, outcome, resume).catch((error: unknown) => {
        parts.log.warn({ err: error, correlationId: turn.correlationId }, 'what followed a sign-in failed');
        return replyToError(turn, error);
      }),
    );
    await deliver(place, reply);
  }

  /** Goes on in the background, and tells what keeps it from going on. */
  function settle(
    turn: Turn,
    answering: Promise<SignInOutcome>,
    { saysIgnored }: { saysIgnored: boolean },
  ): Promise<void> {
    return answering
      .then((outcome) => (outcome.kind === 'ignored' && !saysIgnored ? undefined : goOn(turn, outcome)))
      .catch((error: unknown) => {
        parts.log.warn({ err: error, correlationId: turn.correlationId }, 'a sign-in failed');
        return deliver(turn, replyToError(turn, error));
      });
  }

  return {
    async tokenExchange(turn, value) {
      const { id, connectionName, token } = value as Readonly<Record<string, unknown>>;
      const done: InvokeAnswer = { status: 200, body: { id, connectionName } };
      if (typeof id !== 'string' || !isOpaqueId(id) || typeof token !== 'string') return done;
      const answering = signIn.answerWithAssertion(turn, id, token);
      const known = answering.catch(() => undefined);
      const outcome = await within(invokeBudgetMs, known);
      if (outcome?.kind !== 'signInAgain') {
        return { ...done, goesOn: settle(turn, answering, { saysIgnored: false }) };
      }
      const again: InvokeAnswer = { status: 412, body: { id, connectionName, failureDetail: outcome.text } };
      return outcome.reply ? { ...again, goesOn: deliver(placeOf(turn, outcome.request), outcome.reply) } : again;
    },
    async verifyState(turn, value) {
      const { state } = value as Readonly<Record<string, unknown>>;
      const code = typeof state === 'string' ? state : '';
      return { status: 200, goesOn: settle(turn, signIn.answerWithCode(turn, code), { saysIgnored: true }) };
    },
    async failure(turn, value) {
      const { code } = value as Readonly<Record<string, unknown>>;
      const readable = typeof code === 'string' && /^[\w.-]{1,60}$/.test(code) ? code : 'unreadable';
      parts.log.warn({ correlationId: turn.correlationId, code: readable }, 'Teams could not sign in silently');
      const request = await parts.findOpenRequest(turn);
      if (!request) return { status: 200 };
      const text = explainSilentFailure(code, turn.locale);
      const place = request.messageId ? { ...turn, messageId: request.messageId } : turn;
      return { status: 200, goesOn: deliver(place, { kind: 'signIn', requestId: request.id, text, how: 'button' }) };
    },
  };
}
