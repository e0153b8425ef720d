import { withReference } from '../cards/refusal.ts';
import type { AskedOutcome, AuditAction, AuditNote } from '../domain/audit-note.ts';
import type { CardRecord, Choice } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { type CardReply, conversationRoot, type RefusalReply, type Reply, type Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Run, RunAs } from './run-command.ts';
import type { Services } from './services.ts';
import { type AskOptions, cancelledCode, type IsMeant, type SignIn, type SignInOutcome } from './sign-in.ts';

/** A button that somebody pressed, as the channel's signed activity says. */
export interface CardAction {
  readonly verb: string;
  /** The opaque id that the card carried. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The row of a list that was tapped, counted from 1. */
  readonly row?: number;
  readonly trigger: string;
  /** Sent by a client in answer to the sign-in that this action asked for. */
  readonly proof?: SignInProof;
}

export type SignInProof =
  | { readonly kind: 'assertion'; readonly requestId: string; readonly assertion: string }
  | { readonly kind: 'code'; readonly code: string };

export type CardActionAnswer =
  /** Shown to the presser alone; the card stays. */
  | { readonly kind: 'message'; readonly text: string }
  /** Replaces the card for everybody; a reply to `messageId` when the card was one. */
  | { readonly kind: 'card'; readonly reply: CardReply | RefusalReply; readonly messageId?: string }
  /** Posted beside the card for everybody; the card stays. */
  | { readonly kind: 'beside'; readonly reply: CardReply | RefusalReply }
  /** Replaces the card with plain text, for everybody. */
  | { readonly kind: 'text'; readonly text: string; readonly messageId?: string }
  | { readonly kind: 'signIn'; readonly requestId: string; readonly text: string; readonly how: 'silent' | 'button' }
  /** The proof was not accepted; signing in with the button can help. */
  | { readonly kind: 'signInAgain'; readonly text: string }
  /** The one-time code that came with the press is not accepted; `text` where the press can no longer be answered. */
  | { readonly kind: 'wrongCode'; readonly text: string };

/** Carries out one verb. Verbs are `{feature}/{step}`. */
export interface CardActionHandler {
  readonly kind: CardRecord['kind'];
  /** True when the record serves one press: reading may be repeated, writing may not. */
  readonly once: boolean;
  /** The answer replaces the card or is posted beside it. */
  readonly where: 'onCard' | 'beside';
  /** Its name in the audit; absent for what only reads. */
  readonly audits?: AuditAction;
  /** The token that it is about, as far as record and inputs name it. */
  tokenOf?(record: CardRecord, inputs: CardAction['inputs']): AuditNote['token'];
  /**
   * The same as a line somebody could type, for a sign-in that ends away from the card; undefined while an input is missing, or for a
   * row that the card does not have.
   */
  resume(record: CardRecord, inputs: CardAction['inputs'], row?: number): string | undefined;
  run(turn: AuthorizedTurn, record: CardRecord, inputs: CardAction['inputs'], row?: number): Promise<Reply>;
}

export type CardActionHandlers = Readonly<Record<string, CardActionHandler>>;

interface CardActionParts {
  readonly signIn: SignIn;
  readonly run: Run;
  readonly handlers: CardActionHandlers;
}

/** Carries out presses on cards that stand for a stored record. Everything but the id and the inputs is taken from the record. */
export function createAnswerCardAction(
  { identity, stores, audit, runtime }: Services,
  { signIn, run, handlers }: CardActionParts,
): (turn: Turn, action: CardAction) => Promise<CardActionAnswer> {
  const { records } = stores;
  const { now } = runtime;

  return async (turn, action) => {
    const { resolve } = textsFor(turn.locale);
    const record = await records.find(action.id);
    const refusal = findRefusal(turn, record, now());
    if (!record || refusal) return refuse(turn, action, record, refusal ?? 'unknown');
    if (action.trigger !== 'manual') return refuse(turn, action, record, 'notManual');
    if (action.verb === cancelVerb && isDialog(record)) {
      if (!(await records.take(record.id, now()))) return refuse(turn, action, record, 'used');
      await recordOutcome(turn, action, record, 'cancelled');
      return { kind: 'text', text: resolve.cancelled };
    }
    const handler = findHandler(handlers, action.verb);
    if (handler?.kind !== record.kind) return refuse(turn, action, record, 'unknown');
    if (handler.once && record.usedAt !== undefined) return refuse(turn, action, record, 'used');
    const resume = handler.resume(record, action.inputs, action.row);
    if (resume === undefined) return { kind: 'message', text: resolve.required };
    const found = await findSession(turn, action, record, resume);
    return 'answer' in found ? found.answer : carryOut({ turn, action, record, handler, resume, ...found });
  };

  async function refuse(
    turn: Turn,
    action: CardAction,
    record: CardRecord | undefined,
    refusal: Refusal,
  ): Promise<CardActionAnswer> {
    await recordOutcome(turn, action, record, refusal);
    return { kind: 'message', text: textsFor(turn.locale).cardAction[refusal] };
  }

  async function recordOutcome(
    turn: Turn,
    action: CardAction,
    record: CardRecord | undefined,
    outcome: AskedOutcome,
  ): Promise<void> {
    const audited = auditedAction(handlers, action, record);
    if (audited) await audit.record(turn, { ...audited, outcome });
  }

  /** The presser's session, from before or from the proof that came with the action; else the answer that asks for one. */
  async function findSession(
    turn: Turn,
    action: CardAction,
    record: CardRecord,
    resume: string,
  ): Promise<Pick<RunAs, 'session' | 'freshFor'> | { readonly answer: CardActionAnswer }> {
    const session = identity.sessions.find(turn.person);
    if (session) return { session };
    const isMeant: IsMeant = (request) => request.resume === resume;
    const outcome = action.proof && (await answerProof(signIn, turn, action.proof, isMeant));
    if (outcome?.kind === 'signedIn') return { session: outcome.session, freshFor: outcome.request.purpose };
    const refused = outcome && answerToOutcome(turn, outcome, action.proof);
    if (refused) return { answer: refused };
    await recordOutcome(turn, action, record, 'signInAsked');
    const { id } = await signIn.open(placeFor(turn, record), resume);
    return { answer: { kind: 'signIn', requestId: id, text: textsFor(turn.locale).signIn.prompt, how: 'silent' } };
  }

  interface Authorized extends Pick<RunAs, 'session' | 'freshFor'> {
    readonly turn: Turn;
    readonly action: CardAction;
    readonly record: CardRecord;
    readonly handler: CardActionHandler;
    readonly resume: string;
  }

  async function carryOut({ turn, action, record, handler, resume, ...as }: Authorized): Promise<CardActionAnswer> {
    if (handler.once && !(await records.take(record.id, now()))) return refuse(turn, action, record, 'used');
    const askAgain = async (options: AskOptions): Promise<Reply> => {
      const { id, purpose } = await signIn.open(placeFor(turn, record), resume, options);
      const words = textsFor(turn.locale).signIn;
      const text = purpose === 'stepUp' ? words.stepUp : words.promptAgain;
      return { kind: 'signIn', requestId: id, text, how: purpose === 'signIn' ? 'silent' : 'button' };
    };
    const audited = auditedAction(handlers, action, record);
    const place = handler.where === 'beside' ? asReplyToCard(turn) : turn;
    const reply = await run.authorized(place, { ...as, askAgain, audited }, (authorized) =>
      handler.run(authorized, record, action.inputs, action.row),
    );
    // Nothing was done, so the button may be pressed again.
    if (handler.once && reply.kind !== 'card') await records.reopen(record.id);
    return toAnswer(turn, reply, record, handler.where);
  }
}

type Refusal = 'unknown' | 'otherConversation' | 'notYours' | 'expired' | 'used' | 'notManual';

function findRefusal(turn: Turn, record: CardRecord | undefined, now: number): Refusal | undefined {
  if (!record) return 'unknown';
  if (conversationRoot(record.conversationId) !== conversationRoot(turn.conversation.id)) return 'otherConversation';
  if (record.ownerId !== undefined && record.ownerId !== turn.person.aadObjectId) return 'notYours';
  if (record.expiresAt <= now) return 'expired';
  return record.kind === 'choice' && record.usedAt !== undefined ? 'used' : undefined;
}

/** Where the action goes on after a sign-in that ends away from its card: never on a card that is everybody's. */
const placeFor = (turn: Turn, record: CardRecord) => (record.ownerId === undefined ? asReplyToCard(turn) : turn);

/** A card that is everybody's is never replaced by what went wrong for one of them. */
function toAnswer(turn: Turn, reply: Reply, record: CardRecord, where: CardActionHandler['where']): CardActionAnswer {
  const isShared = record.ownerId === undefined;
  switch (reply.kind) {
    case 'card':
      return { kind: where === 'beside' ? 'beside' : 'card', reply };
    case 'refusal':
      if (!isShared) return { kind: 'card', reply };
      return turn.conversation.kind === 'personal' ? { kind: 'beside', reply } : { kind: 'message', text: reply.text };
    case 'text':
      return isShared ? { kind: 'message', text: reply.text } : { kind: 'text', text: reply.text };
    case 'signIn':
      return reply;
  }
}

export function answerProof(signIn: SignIn, turn: Turn, proof: SignInProof, isMeant: IsMeant): Promise<SignInOutcome> {
  return proof.kind === 'assertion'
    ? signIn.answerWithAssertion(turn, proof.requestId, proof.assertion, isMeant)
    : signIn.answerWithCode(turn, proof.code, isMeant);
}

/** The answer to a proof that signed nobody in; undefined for an assertion of another request: then a new one is asked for. */
export function answerToOutcome(
  turn: Turn,
  outcome: Exclude<SignInOutcome, { kind: 'signedIn' }>,
  proof: SignInProof | undefined,
): CardActionAnswer | undefined {
  const { signIn } = textsFor(turn.locale);
  switch (outcome.kind) {
    case 'ignored':
      if (proof?.kind === 'assertion') return undefined;
      if (proof?.code === cancelledCode) return { kind: 'message', text: signIn.cancelledPress };
      return { kind: 'wrongCode', text: withReference(turn, signIn.codeNotAccepted) };
    case 'signInAgain':
      return { kind: 'signInAgain', text: outcome.text };
    case 'replaced':
      return { kind: 'signIn', requestId: outcome.request.id, text: signIn.promptAgain, how: 'silent' };
    case 'refused': {
      const { reply } = outcome;
      return {
        kind: 'message',
        text: reply.kind === 'text' || reply.kind === 'refusal' ? reply.text : signIn.rejected.what,
      };
    }
  }
}

export const cancelVerb = 'dialog/cancel';

/** Questions and plans can be cancelled. */
const isDialog = ({ kind }: CardRecord): boolean => kind === 'choice' || kind === 'plan';

const findHandler = (handlers: CardActionHandlers, verb: string): CardActionHandler | undefined =>
  Object.hasOwn(handlers, verb) ? handlers[verb] : undefined;

/** An action's name in the audit with the token it would have been about; undefined for one that only reads. */
function auditedAction(
  handlers: CardActionHandlers,
  { verb, inputs }: CardAction,
  record: CardRecord | undefined,
): Pick<AuditNote, 'action' | 'token'> | undefined {
  if (verb === cancelVerb && record && isDialog(record)) {
    const action = cancelledAction(handlers, record);
    return action && { action };
  }
  const handler = findHandler(handlers, verb);
  if (!handler) return { action: 'press' };
  if (!handler.audits) return undefined;
  const token = record?.kind === handler.kind ? handler.tokenOf?.(record, inputs) : undefined;
  return { action: handler.audits, ...(token && { token }) };
}

function cancelledAction(handlers: CardActionHandlers, record: CardRecord): AuditAction | undefined {
  if (record.kind === 'plan') return 'syncAll';
  return findHandler(handlers, `${(record.payload as Choice).command}/choose`)?.audits;
}

/** The same turn, answered with a reply to the card's message instead of on the card. */
export function asReplyToCard(turn: Turn): Turn {
  const { cardId, ...rest } = turn;
  return cardId === undefined ? rest : { ...rest, messageId: cardId };
}
