import { replyToError } from '../cards/refusal.ts';
import { asReplyToCard, type CardAction, type CardActionAnswer, type SignInProof } from '../dialogs/card-action.ts';
import { continueVerb } from '../dialogs/continue.ts';
import type { Dialogs } from '../dialogs/dialogs.ts';
import { cancelledCode, explainSilentFailure, placeOf, type SignInOutcome } from '../dialogs/sign-in.ts';
import { type CardRecords, findMenuCard } from '../domain/card-record.ts';
import type { CardContent, Locale, Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import { isOpaqueId } from '../lib/ids.ts';
import { type JsonObject, toJsonObject } from '../lib/json.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';
import type { WhileTyping } from './deliver.ts';
import { cardContentType, type SignInConfig, signInContent } from './outbox.ts';

/** The answer to Teams' HTTP request; without a body it is empty. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export interface InvokeAnswer extends HttpAnswer {
  /** Work that goes on after the answer. */
  readonly continues?: Promise<unknown>;
}

export type InvokeHandler = (turn: Turn, value: JsonObject) => Promise<InvokeAnswer>;

interface CardActionInvokeParts {
  readonly dialogs: Dialogs;
  readonly records: Pick<CardRecords, 'find'>;
  readonly requests: Pick<StoredSignInRequests, 'find'>;
  readonly deliver: (turn: Turn, reply: Reply) => Promise<void>;
  readonly config: SignInConfig;
}

/** Teams gives an invoke 5 s at least; an answer that takes longer goes to the card. */
const invokeBudgetMs = 4_000;

/** Handles `adaptiveCard/action`. The invoke's answer reaches the presser alone, so the card that all see is edited as well. */
export function createCardActionInvoke(parts: CardActionInvokeParts): InvokeHandler {
  const { dialogs, records, requests, deliver, config } = parts;

  /** Teams does not say that a press was on a targeted card: the card's id, its record or the sign-in that it asks for does. */
  async function isOnTargeted({ verb, id }: CardAction): Promise<boolean> {
    if (verb === continueVerb) return (await requests.find(id))?.conversation.onlyFor !== undefined;
    return findMenuCard(id)?.isTargeted ?? (await records.find(id))?.isTargeted ?? false;
  }

  async function findPlace(pressed: Turn, action: CardAction): Promise<Turn> {
    const { conversation, person } = pressed;
    if (conversation.kind === 'personal' || !(await isOnTargeted(action))) return pressed;
    const { teamsId, name } = person;
    return { ...pressed, conversation: { ...conversation, onlyFor: { teamsId, name } } };
  }

  return async (pressed, value) => {
    const action = readCardAction(value);
    if (!action) return invokeError(400, 'The action is not one of this bot’s.');
    let turn = pressed;
    const work = findPlace(pressed, action).then((place) => {
      turn = place;
      return dialogs.answerCardAction(place, action);
    });
    const answer = await within(invokeBudgetMs, work);
    if (answer) {
      const shown = replyFor(turn, answer);
      const invokeAnswer = toInvokeAnswer(answer, turn.locale, config);
      return shown ? { ...invokeAnswer, continues: deliver(...shown) } : invokeAnswer;
    }
    const late = work.then(
      (answered) => lateReply(turn, answered),
      (error: unknown): [Turn, Reply] => [asReplyToCard(turn), replyToError(turn, error)],
    );
    const continues = late.then((reply) => deliver(...reply));
    return { ...invokeMessage(textsFor(turn.locale).cardAction.working), continues };
  };
}

function readCardAction(value: JsonObject): CardAction | undefined {
  const { action, trigger, authentication, state } = value;
  const { verb, data } = toJsonObject(action);
  const { id, ...inputs } = typeof data === 'string' ? { id: data } : toJsonObject(data);
  if (typeof verb !== 'string' || typeof id !== 'string') return undefined;
  const proof = readProof(authentication, state);
  // Bot Framework's own type of this value has no trigger, so an absent one means nothing; any but `manual` is refused.
  const known = trigger === undefined ? 'manual' : typeof trigger === 'string' ? trigger : 'unreadable';
  return { verb, ...readId(id), inputs, trigger: known, ...(proof && { proof }) };
}

/** A row's id is its card's with the row's number behind a dot. */
function readId(id: string): Pick<CardAction, 'id' | 'row'> {
  const [, list, row] = /^(.*)\.(\d{1,2})$/s.exec(id) ?? [];
  return list === undefined ? { id: knownForm(id) } : { id: knownForm(list), row: Number(row) };
}

function readProof(authentication: unknown, state: unknown): SignInProof | undefined {
  const { id, token } = toJsonObject(authentication);
  if (typeof id === 'string' && typeof token === 'string')
    return { kind: 'assertion', requestId: knownForm(id), assertion: token };
  return typeof state === 'string' && state !== '' ? { kind: 'code', code: state } : undefined;
}

/** A text that cannot be an id of ours is searched for as an empty one, which no record has: a store need not accept every text. */
const knownForm = (id: string) => (isOpaqueId(id) ? id : '');

/** The reply that everybody sees, and its place; undefined when the answer is for the presser alone. */
function replyFor(turn: Turn, answer: CardActionAnswer): [Turn, Reply] | undefined {
  if (answer.kind === 'beside') return [asReplyToCard(turn), answer.reply];
  if (answer.kind !== 'card' && answer.kind !== 'text') return undefined;
  const place: Turn = answer.messageId === undefined ? turn : { ...turn, messageId: answer.messageId };
  return [place, answer.kind === 'card' ? answer.reply : { kind: 'text', text: answer.text }];
}

/** After the invoke has ended, even an answer for the presser alone can only be said in the conversation. */
function lateReply(turn: Turn, answer: CardActionAnswer): [Turn, Reply] {
  const shown = replyFor(turn, answer);
  if (shown) return shown;
  const reply: Reply = answer.kind === 'signIn' ? answer : { kind: 'text', text: 'text' in answer ? answer.text : '' };
  return [asReplyToCard(turn), reply];
}

/** HTTP 200 always, the real code in `statusCode`. Source: Adaptive Cards "Universal Action Model", response format. */
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
      return inEnvelope(
        401,
        'application/vnd.microsoft.activity.loginRequest',
        signInContent({ ...answer, how: 'silent' }, locale, config),
      );
    case 'wrongCode':
      return inEnvelope(401, 'application/vnd.microsoft.error.invalidAuthCode', null);
    case 'signInAgain':
      return inEnvelope(412, 'application/vnd.microsoft.error.preconditionFailed', {
        code: 'signInRequired',
        message: answer.text,
      });
  }
}

export const invokeMessage = (text: string): InvokeAnswer =>
  inEnvelope(200, 'application/vnd.microsoft.activity.message', text);

const invokeCard = (card: CardContent): InvokeAnswer => inEnvelope(200, cardContentType, card);

export const invokeError = (statusCode: 400 | 500, message: string): InvokeAnswer =>
  inEnvelope(statusCode, 'application/vnd.microsoft.error', {
    code: statusCode === 400 ? 'badRequest' : 'internalError',
    message,
  });

function inEnvelope(statusCode: number, type: string, value: unknown): InvokeAnswer {
  return { status: 200, body: { statusCode, type, value } };
}

/**
 * Handles `application/search`, which a client sends while somebody types into an `Input.ChoiceSet` with a `Data.Query`: its dataset is
 * the record of the question. Source: Teams "Typeahead search in Adaptive Cards".
 */
export function createSearchInvoke(dialogs: Pick<Dialogs, 'search'>): InvokeHandler {
  return async (turn, { dataset, queryText }) => {
    const text = typeof queryText === 'string' ? queryText : '';
    const id = typeof dataset === 'string' ? knownForm(dataset) : '';
    const results = (await within(invokeBudgetMs, dialogs.search(turn, { id, text }))) ?? [];
    return inEnvelope(200, 'application/vnd.microsoft.search.searchResponse', { results });
  };
}

interface SignInInvokesParts {
  readonly dialogs: Dialogs;
  readonly requests: StoredSignInRequests;
  readonly deliver: (turn: Turn, reply: Reply) => Promise<void>;
  readonly whileTyping: WhileTyping;
  readonly runtime: Runtime;
}

export interface SignInInvokes {
  /** `signin/tokenExchange`: a client answered an OAuthCard silently. */
  readonly tokenExchange: InvokeHandler;
  /** `signin/verifyState`: the sign-in window handed over its one-time code. */
  readonly verifyState: InvokeHandler;
  /** `signin/failure`: the client could not answer silently. */
  readonly failure: InvokeHandler;
}

/** Teams' own sign-in invokes. They are answered at once; the command that waited goes on in the chat. */
export function createSignInInvokes(parts: SignInInvokesParts): SignInInvokes {
  const { dialogs, requests, deliver, whileTyping, runtime } = parts;
  const { signIn } = dialogs;
  const { now, log } = runtime;

  /** The result of a sign-in belongs to the message or card that asked for it. */
  async function resumeCommand(turn: Turn, outcome: SignInOutcome): Promise<void> {
    const place = outcome.kind === 'ignored' ? turn : placeOf(turn, outcome.request);
    const reply = await whileTyping(place.conversation, () =>
      dialogs.replyToSignIn(turn, outcome).catch((error: unknown) => {
        log.warn({ err: error, correlationId: turn.correlationId }, 'what followed a sign-in failed');
        return replyToError(turn, error);
      }),
    );
    await deliver(place, reply);
  }

  /** `saysIgnored`: a person typed the code, so they learn that it was not accepted. */
  async function settle(turn: Turn, answering: Promise<SignInOutcome>, saysIgnored: boolean): Promise<void> {
    try {
      const outcome = await answering;
      if (outcome.kind !== 'ignored' || saysIgnored) await resumeCommand(turn, outcome);
    } catch (error) {
      log.warn({ err: error, correlationId: turn.correlationId }, 'a sign-in failed');
      await deliver(turn, replyToError(turn, error));
    }
  }

  /** Nothing was settled: the request stays open for its button. */
  async function replyToCancelled(turn: Turn): Promise<void> {
    await signIn.answerWithCode(turn, cancelledCode);
    const request = await requests.findOpenOf(turn.person, turn.conversation.id, now());
    const place = request ? placeOf(turn, request) : turn;
    // A card that asked for the sign-in keeps its button.
    const { cardId: _, ...beside } = place;
    await deliver(beside, { kind: 'text', text: textsFor(place.locale).signIn.cancelled });
  }

  return {
    async tokenExchange(turn, { id, connectionName, token }) {
      const done: InvokeAnswer = { status: 200, body: { id, connectionName } };
      if (typeof id !== 'string' || !isOpaqueId(id) || typeof token !== 'string') return done;
      const answering = signIn.answerWithAssertion(turn, id, token);
      const outcome = await within(
        invokeBudgetMs,
        answering.catch(() => undefined),
      );
      if (outcome?.kind !== 'signInAgain') return { ...done, continues: settle(turn, answering, false) };
      const again: InvokeAnswer = { status: 412, body: { id, connectionName, failureDetail: outcome.text } };
      const { reply, request } = outcome;
      return reply ? { ...again, continues: deliver(placeOf(turn, request), reply) } : again;
    },
    async verifyState(turn, { state }) {
      if (state === cancelledCode) {
        const told = replyToCancelled(turn).catch((error: unknown) => deliver(turn, replyToError(turn, error)));
        return { status: 200, continues: told };
      }
      const code = typeof state === 'string' ? state : '';
      return { status: 200, continues: settle(turn, signIn.answerWithCode(turn, code), true) };
    },
    async failure(turn, { code }) {
      const readable = typeof code === 'string' && /^[\w.-]{1,60}$/.test(code) ? code : 'unreadable';
      log.warn({ correlationId: turn.correlationId, code: readable }, 'Teams could not sign in silently');
      const request = await requests.findOpenOf(turn.person, turn.conversation.id, now());
      if (!request) return { status: 200 };
      const text = explainSilentFailure(code, turn.locale);
      const { messageId, conversation } = request;
      const place = { ...turn, conversation, ...(messageId && { messageId }) };
      return { status: 200, continues: deliver(place, { kind: 'signIn', requestId: request.id, text, how: 'button' }) };
    },
  };
}
