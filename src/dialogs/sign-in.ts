import { continueCard, summaryOfContinueCard } from '../cards/continue-card.ts';
import { refuseSignIn, withReference } from '../cards/refusal.ts';
import type { ExchangeFailure, SignInRequest } from '../domain/sign-in-request.ts';
import { conversationRoot, type Locale, type Reply, type Session, type Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { joinSentences, safeLine } from '../lib/text.ts';
import { minuteMs } from '../lib/time.ts';
import type { Services } from './services.ts';

/** Teams' own word in place of a code, once a person has closed the sign-in window. */
export const cancelledCode = 'CancelledByUser';

export const signInExpiresMs = 15 * minuteMs;

export type SignInOutcome =
  /** The request was taken, by this answer alone: its command goes on. */
  | { readonly kind: 'signedIn'; readonly session: Session; readonly request: SignInRequest }
  /** Unknown, expired, used or another person's request: nothing happens. */
  | { readonly kind: 'ignored' }
  /** Signing in with the button can help; the request stays open for it. */
  | { readonly kind: 'signInAgain'; readonly text: string; readonly reply?: Reply; readonly request: SignInRequest }
  /** The assertion had expired, so a new request takes the place of the old one; at most once in a row. */
  | { readonly kind: 'replaced'; readonly request: SignInRequest; readonly reply: Reply }
  /** Signing in again would not help. */
  | { readonly kind: 'refused'; readonly reply: Reply; readonly request: SignInRequest };

export interface SignIn {
  /** Stores the interrupted command and asks for a sign-in in the way that works in this conversation. */
  ask(turn: Turn, resume: string, options?: AskOptions): Promise<Reply>;
  /** Stores the interrupted command only: a card action asks in its own way. */
  open(turn: Turn, resume: string, options?: AskOptions): Promise<SignInRequest>;
  /** Takes the assertion that a Teams client sent for a request. */
  answerWithAssertion(turn: Turn, requestId: string, assertion: string, isMeant?: IsMeant): Promise<SignInOutcome>;
  /** Takes a one-time code that came back from the sign-in page. */
  answerWithCode(turn: Turn, code: string, isMeant?: IsMeant): Promise<SignInOutcome>;
}

/** True for the request that an answer must be for: a sign-in resumes its own command and no other. */
export type IsMeant = (request: SignInRequest) => boolean;

export interface AskOptions {
  readonly purpose?: SignInRequest['purpose'];
  readonly claims?: string;
  readonly isRetry?: boolean;
}

export function createSignIn({ stores, identity, audit, runtime }: Services): SignIn {
  const { requests } = stores;
  const { now, log } = runtime;
  /** Ids of requests whose assertion is with Entra now: all of a person's clients answer, and only the first one counts. */
  const exchanging = new Set<string>();

  return {
    open,
    async ask(turn, resume, options) {
      return replyFor(turn, await open(turn, resume, options));
    },
    async answerWithAssertion(turn, requestId, assertion, isMeant = () => true) {
      const request = await requests.find(requestId);
      // Only another person's answer is worth recording: a person's own devices all answer.
      if (request && !isOwner(request, turn)) await audit.record(turn, { action: 'signIn', outcome: 'notYours' });
      if (!request || !isOpenFor(request, turn, now()) || !isMeant(request)) return { kind: 'ignored' };
      if (exchanging.has(requestId)) return { kind: 'ignored' };
      exchanging.add(requestId);
      return settle(turn, request, assertion, 'silently').finally(() => exchanging.delete(requestId));
    },
    async answerWithCode(turn, code, isMeant = () => true) {
      if (code === cancelledCode) {
        await audit.record(turn, { action: 'signIn', outcome: 'cancelled' });
        return { kind: 'ignored' };
      }
      const holder = { person: turn.person, conversationId: turn.conversation.id };
      const taken = await identity.takeCode(code, holder);
      if (taken && isMeant(taken.request)) return settle(turn, taken.request, taken.assertion, 'inWindow');
      await audit.record(turn, { action: 'signIn', outcome: 'refused', reason: 'codeNotAccepted' });
      return { kind: 'ignored' };
    },
  };

  async function open(turn: Turn, resume: string, options: AskOptions = {}): Promise<SignInRequest> {
    const { tenantId, aadObjectId, name, teamsId } = turn.person;
    const createdAt = now();
    const request: SignInRequest = {
      id: newOpaqueId(),
      owner: { tenantId, aadObjectId, name, teamsId },
      conversation: turn.conversation,
      locale: turn.locale,
      purpose: options.purpose ?? 'signIn',
      ...(options.claims !== undefined && { claims: options.claims }),
      resume,
      ...(options.isRetry && { isRetry: true }),
      ...(turn.messageId && { messageId: turn.messageId }),
      ...(turn.cardId && { cardId: turn.cardId }),
      createdAt,
      expiresAt: createdAt + signInExpiresMs,
    };
    await requests.add(request);
    return request;
  }

  async function settle(turn: Turn, request: SignInRequest, assertion: string, how: How): Promise<SignInOutcome> {
    const result = await identity.exchange(turn.person, assertion);
    if (result.ok) {
      const { session } = result;
      await audit.record({ ...turn, session }, { action: 'signIn', outcome: 'done' });
      const taken = await requests.take(request.id, now());
      return taken ? { kind: 'signedIn', session, request } : { kind: 'ignored' };
    }
    const { failure } = result;
    await audit.record(turn, { action: 'signIn', outcome: 'refused', reason: reasonOf(failure) });
    log.warn({ correlationId: turn.correlationId, reason: failure.reason, ...detailOf(failure) }, 'a sign-in failed');
    await requests.recordFailure(request.id, failure);
    if (how === 'inWindow' && isUnchanged(request, failure)) return refuseFor(turn, request, failure);
    return afterFailure(turn, request, failure, how);
  }

  async function refuseFor(turn: Turn, request: SignInRequest, failure: ExchangeFailure): Promise<SignInOutcome> {
    // Taken, so that the person's other clients do not bring the same refusal again.
    if (!(await requests.take(request.id, now()))) return { kind: 'ignored' };
    return { kind: 'refused', request, reply: refuseSignIn(turn, failure) };
  }

  async function afterFailure(
    turn: Turn,
    request: SignInRequest,
    failure: ExchangeFailure,
    how: How,
  ): Promise<SignInOutcome> {
    const { signIn } = textsFor(turn.locale);
    // A person has several clients, and each would bring the button again; a window was opened by hand, once.
    const bringsButton = (purpose: SignInRequest['purpose']) => how === 'inWindow' || request.purpose !== purpose;
    switch (failure.reason) {
      case 'assertionRejected':
        return {
          kind: 'signInAgain',
          request,
          text: withReference(turn, joinSentences(signIn.rejected.what, signIn.rejected.next)),
        };
      case 'consentRequired':
        await requests.escalate(request.id, 'consent');
        return {
          kind: 'signInAgain',
          request,
          text: signIn.consentMissing,
          ...(bringsButton('consent') && { reply: replyFor(turn, { ...request, purpose: 'consent' }) }),
        };
      case 'stepUpRequired':
        await requests.escalate(request.id, 'stepUp', failure.claims);
        return {
          kind: 'signInAgain',
          request,
          text: signIn.stepUp,
          ...(bringsButton('stepUp') && { reply: replyFor(turn, { ...request, purpose: 'stepUp' }) }),
        };
      case 'assertionExpired': {
        if (request.isRetry) return refuseFor(turn, request, failure);
        if (!(await requests.take(request.id, now()))) return { kind: 'ignored' };
        const retry = await open(placeOf(turn, request), request.resume, { isRetry: true });
        return { kind: 'replaced', request: retry, reply: replyFor(turn, retry) };
      }
      default:
        return refuseFor(turn, request, failure);
    }
  }
}

/** Clients answer an OAuthCard by themselves in chats only; in a channel a card's button does, with the press's own sign-in request. */
function replyFor(turn: Turn, request: SignInRequest): Reply {
  const { signIn } = textsFor(turn.locale);
  const { id: requestId } = request;
  if (request.purpose === 'consent') return { kind: 'signIn', requestId, text: signIn.consentMissing, how: 'button' };
  if (request.purpose === 'stepUp') return { kind: 'signIn', requestId, text: signIn.stepUp, how: 'button' };
  if (turn.conversation.kind !== 'channel') {
    const text = request.isRetry ? signIn.promptAgain : signIn.prompt;
    return { kind: 'signIn', requestId, text, how: 'silent' };
  }
  const data = {
    locale: turn.locale,
    person: turn.person.name,
    command: request.resume,
    requestId,
    expiresInMs: signInExpiresMs,
  };
  return { kind: 'card', card: continueCard(data), summary: summaryOfContinueCard(data), continues: requestId };
}

/** The turn in the conversation and language that the request's command came from: there it is answered. */
export function placeOf(turn: Turn, request: SignInRequest): Turn {
  return {
    ...turn,
    conversation: request.conversation,
    locale: request.locale,
    ...(request.messageId && { messageId: request.messageId }),
    ...(request.cardId && { cardId: request.cardId }),
  };
}

/** True while this person, in this conversation, may answer the request. */
export function isOpenFor(request: SignInRequest, turn: Turn, now: number): boolean {
  return (
    request.usedAt === undefined &&
    request.expiresAt > now &&
    isOwner(request, turn) &&
    conversationRoot(request.conversation.id) === conversationRoot(turn.conversation.id)
  );
}

const isOwner = ({ owner }: SignInRequest, { person }: Turn) =>
  owner.tenantId === person.tenantId && owner.aadObjectId === person.aadObjectId;

/** An assertion that a client sent by itself, or one of the sign-in window, which the person went through. */
type How = 'silently' | 'inWindow';

/** True when Entra asks again for exactly what the person has just given in the window: giving it once more would not help. */
function isUnchanged(request: SignInRequest, failure: ExchangeFailure): boolean {
  if (failure.reason === 'consentRequired') return request.purpose === 'consent';
  if (failure.reason !== 'stepUpRequired' || request.purpose !== 'stepUp') return false;
  return (request.claims ?? '') === failure.claims;
}

const reasonOf = (failure: ExchangeFailure) =>
  'code' in failure ? `${failure.reason} ${failure.code}` : failure.reason;

function detailOf(failure: ExchangeFailure): object {
  if (failure.reason === 'assertionRejected') return { detail: failure.detail };
  return 'code' in failure ? { code: failure.code } : {};
}

/** Why a Teams client could not sign in silently, by its code. Source: Microsoft's "SSO troubleshooting" for Teams bots. */
const causes: Readonly<Record<string, 'appMissing' | 'registration'>> = {
  installappfailed: 'appMissing',
  installedappnotfound: 'appMissing',
  authrequestfailed: 'registration',
  resourcematchfailed: 'registration',
  oauthcardnotvalid: 'registration',
};

/** Explains why silent sign-in failed. The button that comes with the text helps in every case. */
export function explainSilentFailure(code: unknown, locale: Locale): string {
  const { signIn } = textsFor(locale);
  if (typeof code !== 'string') return signIn.failed;
  const cause = Object.hasOwn(causes, code) ? causes[code] : undefined;
  if (cause === undefined) return signIn.failed;
  return cause === 'appMissing' ? signIn.failedAppMissing : signIn.failedRegistration(safeLine(code));
}
