import type { Audit } from '../audit/audit.ts';
import { continueCard, summaryOfContinueCard } from '../cards/continue-card.ts';
import { refuseSignIn, withReference } from '../cards/refusal.ts';
import type { ExchangeFailure, SignInRequest } from '../domain/sign-in-request.ts';
import { conversationRoot, type Locale, type Reply, type Session, type Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { AuthPages } from '../identity/auth-pages.ts';
import type { Exchange } from '../identity/tokens.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { safeLine } from '../lib/text.ts';
import { minuteMs } from '../lib/time.ts';
import type { StoredSignInRequests } from '../store/sign-in-requests.ts';

export const signInExpiresMs = 15 * minuteMs;

export type SignInOutcome =
  /** The request is taken: its command goes on, this once. */
  | { readonly kind: 'signedIn'; readonly session: Session; readonly request: SignInRequest }
  /** Unknown, expired, used or somebody else's: nothing happens. */
  | { readonly kind: 'ignored' }
  /** Signing in again, by the button, can help; the request stays open for it. */
  | { readonly kind: 'signInAgain'; readonly text: string; readonly reply?: Reply; readonly request: SignInRequest }
  /** The assertion was too old: a new request, once. */
  | { readonly kind: 'askAnew'; readonly request: SignInRequest; readonly reply: Reply }
  /** Signing in again would not help; the person is told. */
  | { readonly kind: 'told'; readonly reply: Reply; readonly request: SignInRequest };

interface SignInParts {
  readonly requests: StoredSignInRequests;
  readonly exchange: Exchange;
  readonly takeCode: AuthPages['takeCode'];
  readonly audit: Pick<Audit, 'record'>;
  readonly now: () => number;
  readonly log: { warn(fields: object, message: string): void };
}

export interface SignIn {
  /** Stores the interrupted command and asks for a sign-in, in the way that works where the person is. */
  ask(turn: Turn, resume: string, options?: AskOptions): Promise<Reply>;
  /** The same without asking: a card's press asks in its own way. */
  open(turn: Turn, resume: string, options?: AskOptions): Promise<SignInRequest>;
  /** An assertion that a Teams client sent for a request. */
  answerWithAssertion(turn: Turn, requestId: string, assertion: string, isMeant?: IsMeant): Promise<SignInOutcome>;
  /** A one-time code that came back from the sign-in page. */
  answerWithCode(turn: Turn, code: string, isMeant?: IsMeant): Promise<SignInOutcome>;
}

/** Whether an answer's request is the one it must be for: a sign-in resumes its own command and no other. */
export type IsMeant = (request: SignInRequest) => boolean;

export interface AskOptions {
  readonly purpose?: SignInRequest['purpose'];
  readonly claims?: string;
  readonly isRetry?: boolean;
}

export function createSignIn(parts: SignInParts): SignIn {
  const { requests, audit, now } = parts;
  /** Requests whose assertion is with Entra just now: what a person's other clients send meanwhile is a repeat. */
  const exchanging = new Set<string>();

  async function open(turn: Turn, resume: string, options: AskOptions = {}): Promise<SignInRequest> {
    const at = now();
    const { tenantId, aadObjectId, name, teamsId } = turn.person;
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
      createdAt: at,
      expiresAt: at + signInExpiresMs,
    };
    await requests.add(request);
    return request;
  }

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

  async function settle(turn: Turn, request: SignInRequest, assertion: string): Promise<SignInOutcome> {
    const result = await parts.exchange(turn.person, assertion);
    if (result.ok) {
      const { session } = result;
      await audit.record({ ...turn, session }, { action: 'signIn', outcome: 'done' });
      const taken = await requests.take(request.id, now());
      return taken ? { kind: 'signedIn', session, request } : { kind: 'ignored' };
    }
    const { failure } = result;
    await audit.record(turn, { action: 'signIn', outcome: 'refused', reason: wordFor(failure) });
    parts.log.warn(
      { correlationId: turn.correlationId, reason: failure.reason, ...detailOf(failure) },
      'a sign-in failed',
    );
    return afterFailure(turn, request, failure);
  }

  async function afterFailure(turn: Turn, request: SignInRequest, failure: ExchangeFailure): Promise<SignInOutcome> {
    const { signIn } = textsFor(turn.locale);
    switch (failure.reason) {
      case 'assertionRejected':
        return {
          ...{ kind: 'signInAgain', request },
          text: withReference(turn, `${signIn.rejected.what} ${signIn.rejected.next}`),
        };
      case 'consentRequired':
        await requests.escalate(request.id, 'consent');
        return {
          kind: 'signInAgain',
          request,
          text: signIn.consentMissing,
          // Another client of theirs may have been told already.
          ...(request.purpose !== 'consent' && { reply: replyFor(turn, { ...request, purpose: 'consent' }) }),
        };
      case 'stepUpRequired':
        await requests.escalate(request.id, 'stepUp', failure.claims);
        return {
          kind: 'signInAgain',
          request,
          text: signIn.stepUp,
          ...(request.purpose !== 'stepUp' && { reply: replyFor(turn, { ...request, purpose: 'stepUp' }) }),
        };
      case 'assertionExpired': {
        if (!(await requests.take(request.id, now()))) return { kind: 'ignored' };
        if (request.isRetry) return { kind: 'told', request, reply: refuseSignIn(turn, failure) };
        const anew = await open(placeOf(turn, request), request.resume, { isRetry: true });
        return { kind: 'askAnew', request: anew, reply: replyFor(turn, anew) };
      }
      default:
        // Taken, so that the answers of the person's other clients are not told the same again.
        if (!(await requests.take(request.id, now()))) return { kind: 'ignored' };
        return { kind: 'told', request, reply: refuseSignIn(turn, failure) };
    }
  }

  return {
    open,
    async ask(turn, resume, options) {
      return replyFor(turn, await open(turn, resume, options));
    },
    async answerWithAssertion(turn, requestId, assertion, isMeant = () => true) {
      const request = await requests.find(requestId);
      // A person's several devices all answer; what somebody else answers is no repeat.
      if (request && !isOwner(request, turn)) await audit.record(turn, { action: 'signIn', outcome: 'notYours' });
      if (!request || !isOpenFor(request, turn, now()) || !isMeant(request)) return { kind: 'ignored' };
      if (exchanging.has(requestId)) return { kind: 'ignored' };
      exchanging.add(requestId);
      return settle(turn, request, assertion).finally(() => exchanging.delete(requestId));
    },
    async answerWithCode(turn, code, isMeant = () => true) {
      const holder = { person: turn.person, conversationId: turn.conversation.id };
      const taken = await parts.takeCode(code, holder);
      if (taken && isMeant(taken.request)) return settle(turn, taken.request, taken.assertion);
      await audit.record(turn, { action: 'signIn', outcome: 'refused', reason: 'codeNotAccepted' });
      return { kind: 'ignored' };
    },
  };
}

/** Where a request's command was asked for: there it is answered, and in the words it was asked in. */
export function placeOf(turn: Turn, request: SignInRequest): Turn {
  return {
    ...turn,
    conversation: request.conversation,
    locale: request.locale,
    ...(request.messageId && { messageId: request.messageId }),
    ...(request.cardId && { cardId: request.cardId }),
  };
}

/** Whether this person, in this conversation, may still answer the request. */
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

const wordFor = (failure: ExchangeFailure) =>
  failure.reason === 'refused' ? `refused ${failure.code}` : failure.reason;

function detailOf(failure: ExchangeFailure): object {
  if (failure.reason === 'assertionRejected') return { detail: failure.detail };
  return failure.reason === 'refused' ? { code: failure.code } : {};
}

/** Codes with which a Teams client says why it could not sign in silently. Source: Microsoft's "SSO troubleshooting" for Teams bots. */
const causes: Readonly<Record<string, 'appMissing' | 'registration'>> = {
  installappfailed: 'appMissing',
  installedappnotfound: 'appMissing',
  authrequestfailed: 'registration',
  resourcematchfailed: 'registration',
  oauthcardnotvalid: 'registration',
};

/** What a person is told when their client could not sign in silently; the button that comes with it helps in every case. */
export function explainSilentFailure(code: unknown, locale: Locale): string {
  const { signIn } = textsFor(locale);
  if (typeof code !== 'string') return signIn.failed;
  const cause = Object.hasOwn(causes, code) ? causes[code] : undefined;
  if (cause === undefined) return signIn.failed;
  return cause === 'appMissing' ? signIn.failedAppMissing : signIn.failedRegistration(safeLine(code));
}
