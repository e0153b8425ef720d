import { replyToError } from '../cards/refusal.ts';
import { asReplyToCard, type CardAction, type CardActionAnswer, type SignInProof } from '../dialogs/card-action.ts';
import { type Continue, continueVerb } from '../dialogs/continue.ts';
import { replyToOutcome } from '../dialogs/message.ts';
import { explainSilentFailure, placeOf, type SignIn, type SignInOutcome } from '../dialogs/sign-in.ts';
import type { SignInRequest } from '../domain/sign-in-request.ts';
import type { CardContent, ConversationReference, Locale, Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import { isOpaqueId } from '../lib/ids.ts';
import { cardContentType, type SignInConfig, signInContent } from './outbox.ts';

export type WhileTyping = <T>(conversation: ConversationReference, work: () => Promise<T>) => Promise<T>;

interface CardActionInvokesParts {
  readonly press: (turn: Turn, press: CardAction) => Promise<CardActionAnswer>;
  readonly continuePress: Continue['press'];
  readonly deliver: (turn: Turn, reply: Reply) => Promise<void>;
  readonly config: SignInConfig;
}

/** Teams gives an invoke 5 s at the least; what takes longer ends on the card. */
const invokeBudgetMs = 4_000;

/** Answers `adaptiveCard/action`. The card everybody sees is edited as well, because the invoke's answer reaches the presser alone. */
export function createCardActionInvokes(
  parts: CardActionInvokesParts,
): (turn: Turn, value: unknown) => Promise<InvokeAnswer> {
  return async (turn, value) => {
    const press = readPress(value);
    if (!press) return invokeError(400, 'The action is not one of this bot’s.');
    const work = press.verb === continueVerb ? parts.continuePress(turn, press) : parts.press(turn, press);
    const answer = await within(invokeBudgetMs, work);
    if (answer) {
      const shown = replyFor(turn, answer);
      const invokeAnswer = toInvokeAnswer(answer, turn.locale, parts.config);
      return shown ? { ...invokeAnswer, goesOn: parts.deliver(...shown) } : invokeAnswer;
    }
    const late = work.then(
      (answer) => lateReply(turn, answer),
      (error: unknown): [Turn, Reply] => [asReplyToCard(turn), replyToError(turn, error)],
    );
    const goesOn = late.then((reply) => parts.deliver(...reply));
    return { ...invokeMessage(textsFor(turn.locale).cardAction.working), goesOn };
  };
}

/** What everybody sees, and where; undefined when only the presser is told. */
function replyFor(turn: Turn, answer: CardActionAnswer): [Turn, Reply] | undefined {
  if (answer.kind === 'beside') return [asReplyToCard(turn), answer.reply];
  if (answer.kind !== 'card' && answer.kind !== 'text') return undefined;
  const place: Turn = answer.messageId === undefined ? turn : { ...turn, messageId: answer.messageId };
  return [place, answer.kind === 'card' ? answer.reply : { kind: 'text', text: answer.text }];
}

/** An answer that comes after the invoke ended: what only the presser would have seen is said in the conversation. */
function lateReply(turn: Turn, answer: CardActionAnswer): [Turn, Reply] {
  const shown = replyFor(turn, answer);
  return (
    shown ?? [
      asReplyToCard(turn),
      answer.kind === 'signIn' ? answer : { kind: 'text', text: 'text' in answer ? answer.text : '' },
    ]
  );
}

function readPress(value: unknown): CardAction | undefined {
  const { action, trigger, authentication, state } = asRecord(value);
  const { verb, data } = asRecord(action);
  const { id, ...inputs } = typeof data === 'string' ? { id: data } : asRecord(data);
  if (typeof verb !== 'string' || typeof id !== 'string') return undefined;
  const proof = readProof(authentication, state);
  // Bot Framework's own type of this value has no trigger, so one that is absent says nothing; any but `manual` says no.
  const said = trigger === undefined ? 'manual' : typeof trigger === 'string' ? trigger : 'unreadable';
  return { verb, id: knownForm(id), inputs, trigger: said, ...(proof && { proof }) };
}

function readProof(authentication: unknown, state: unknown): SignInProof | undefined {
  const { id, token } = asRecord(authentication);
  if (typeof id === 'string' && typeof token === 'string')
    return { kind: 'assertion', requestId: knownForm(id), assertion: token };
  return typeof state === 'string' && state !== '' ? { kind: 'code', code: state } : undefined;
}

/** What is no id of ours is asked for as none, which nobody knows either: a store need not take every text there is. */
const knownForm = (id: string) => (isOpaqueId(id) ? id : '');

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

interface SignInBotParts {
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

/** What an invoke is answered with: the HTTP status and its JSON body. */
export interface InvokeAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** What goes on in the background after it. */
  readonly goesOn?: Promise<unknown>;
}

/**
 * A press's answer on the wire: HTTP 200 always, the real code in `statusCode`. Source: Adaptive Cards universal action model.
 */
function toInvokeAnswer(answer: CardActionAnswer, locale: Locale, config: SignInConfig): InvokeAnswer {
  switch (answer.kind) {
    case 'message':
    case 'text':
      return invokeMessage(answer.text);
    case 'beside':
      return invokeMessage(answer.reply.summary);
    case 'card':
      return invokeCard(answer.reply.card);
    case 'signIn':
      return body(
        401,
        'application/vnd.microsoft.activity.loginRequest',
        signInContent({ ...answer, how: 'silent' }, locale, config),
      );
    case 'signInAgain':
      return body(412, 'application/vnd.microsoft.error.preconditionFailed', {
        code: 'signInRequired',
        message: answer.text,
      });
  }
}

export const invokeMessage = (text: string): InvokeAnswer =>
  body(200, 'application/vnd.microsoft.activity.message', text);
const invokeCard = (card: CardContent): InvokeAnswer => body(200, cardContentType, card);
export const invokeError = (statusCode: 400 | 500, message: string): InvokeAnswer =>
  body(statusCode, 'application/vnd.microsoft.error', {
    code: statusCode === 400 ? 'badRequest' : 'internalError',
    message,
  });

function body(statusCode: number, type: string, value: unknown): InvokeAnswer {
  return { status: 200, body: { statusCode, type, value } };
}
