import type { Audit } from '../audit/audit.ts';
import { withReference } from '../cards/refusal.ts';
import type { AskedOutcome, AuditAction, AuditNote } from '../domain/audit-note.ts';
import type { CardRecord, CardRecords, Choice } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { type CardReply, conversationRoot, type RefusalReply, type Reply, type Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import type { Sessions } from '../identity/sessions.ts';
import type { Run, RunAs } from './run-command.ts';
import type { AskOptions, IsMeant, SignIn, SignInOutcome } from './sign-in.ts';

/** A button's press, as the channel's signed activity says. */
export interface CardAction {
  readonly verb: string;
  /** The opaque id the card carried. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly trigger: string;
  /** What a client sent in answer to this press's own sign-in request. */
  readonly proof?: SignInProof;
}

export type SignInProof =
  | { readonly kind: 'assertion'; readonly requestId: string; readonly assertion: string }
  | { readonly kind: 'code'; readonly code: string };

export type CardActionAnswer =
  /** Told to the presser alone; the card stays. */
  | { readonly kind: 'message'; readonly text: string }
  /** Written on the card, for everybody; an answer to `messageId` when the card itself was one. */
  | { readonly kind: 'card'; readonly reply: CardReply | RefusalReply; readonly messageId?: string }
  /** Said beside the card, for everybody; the card stays. */
  | { readonly kind: 'beside'; readonly reply: CardReply | RefusalReply }
  /** Written over the card as plain text, for everybody. */
  | { readonly kind: 'text'; readonly text: string; readonly messageId?: string }
  | { readonly kind: 'signIn'; readonly requestId: string; readonly text: string; readonly how: 'silent' | 'button' }
  /** The proof did not do, but the sign-in button can. */
  | { readonly kind: 'signInAgain'; readonly text: string };

/** What a verb does. Verbs are `{feature}/{step}`. */
export interface CardActionHandler {
  readonly kind: CardRecord['kind'];
  /** Whether the record serves one press; looking may be repeated, doing may not. */
  readonly once: boolean;
  /** Whether the answer replaces the card or stands beside it. */
  readonly where: 'onCard' | 'beside';
  /** What the audit calls it; absent for what only looks. */
  readonly audits?: AuditAction;
  /** The token that the press is about, as far as record and inputs tell. */
  tokenOf?(record: CardRecord, inputs: CardAction['inputs']): AuditNote['token'];
  /** The same as a line somebody could type, for a sign-in that ends away from the card. */
  resume(record: CardRecord, inputs: CardAction['inputs']): string | undefined;
  run(turn: AuthorizedTurn, record: CardRecord, inputs: CardAction['inputs']): Promise<Reply>;
}

interface CardActionParts {
  readonly records: CardRecords;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly run: Run;
  readonly audit: Pick<Audit, 'record'>;
  readonly handlers: Readonly<Record<string, CardActionHandler>>;
  readonly now: () => number;
}

/** Carries out presses on cards that stand for a stored record. Everything about the press but its id is taken from the record. */
export function createCardActions(
  parts: CardActionParts,
): (turn: Turn, press: CardAction) => Promise<CardActionAnswer> {
  const { records, sessions, signIn, run, audit, handlers, now } = parts;

  async function keep(
    turn: Turn,
    press: CardAction,
    record: CardRecord | undefined,
    outcome: AskedOutcome,
  ): Promise<void> {
    const audited = auditedPress(handlers, press, record);
    if (audited) await audit.record(turn, { ...audited, outcome });
  }

  async function refuse(
    turn: Turn,
    press: CardAction,
    record: CardRecord | undefined,
    why: Refusal,
  ): Promise<CardActionAnswer> {
    await keep(turn, press, record, why);
    return { kind: 'message', text: withReference(turn, textsFor(turn.locale).cardAction[why]) };
  }

  return async (turn, press) => {
    const { resolve } = textsFor(turn.locale);
    const record = await records.find(press.id);
    const refused = refusalOf(turn, record, now());
    if (!record || refused) return refuse(turn, press, record, refused ?? 'unknown');
    if (press.trigger !== 'manual') return refuse(turn, press, record, 'notManual');
    if (press.verb === cancelVerb && isDialog(record)) {
      if (!(await records.take(record.id, now()))) return refuse(turn, press, record, 'used');
      await keep(turn, press, record, 'cancelled');
      return { kind: 'text', text: resolve.cancelled };
    }
    const handler = Object.hasOwn(handlers, press.verb) ? handlers[press.verb] : undefined;
    if (!handler || handler.kind !== record.kind) return refuse(turn, press, record, 'unknown');
    if (handler.once && record.usedAt !== undefined) return refuse(turn, press, record, 'used');
    const resume = handler.resume(record, press.inputs);
    if (resume === undefined) return { kind: 'message', text: resolve.required };
    const proven = await prove(turn, press, record, resume);
    return 'answer' in proven ? proven.answer : carryOut({ turn, press, record, handler, resume, ...proven });
  };

  async function prove(
    turn: Turn,
    press: CardAction,
    record: CardRecord,
    resume: string,
  ): Promise<Pick<RunAs, 'session' | 'freshFor'> | { answer: CardActionAnswer }> {
    const session = sessions.find(turn.person);
    if (session) return { session };
    const outcome =
      press.proof && (await answerProof(signIn, turn, press.proof, (request) => request.resume === resume));
    if (outcome?.kind === 'signedIn') return { session: outcome.session, freshFor: outcome.request.purpose };
    const told = outcome && answerToOutcome(turn, outcome, press.proof);
    if (told) return { answer: told };
    await keep(turn, press, record, 'signInAsked');
    const { id } = await signIn.open(placeFor(turn, record), resume);
    return { answer: { kind: 'signIn', requestId: id, text: textsFor(turn.locale).signIn.prompt, how: 'silent' } };
  }

  interface Pressed extends Pick<RunAs, 'session' | 'freshFor'> {
    readonly turn: Turn;
    readonly press: CardAction;
    readonly record: CardRecord;
    readonly handler: CardActionHandler;
    readonly resume: string;
  }

  async function carryOut({ turn, press, record, handler, resume, ...as }: Pressed): Promise<CardActionAnswer> {
    if (handler.once && !(await records.take(record.id, now()))) return refuse(turn, press, record, 'used');
    const askAgain = async (options: AskOptions): Promise<Reply> => {
      const { id, purpose } = await signIn.open(placeFor(turn, record), resume, options);
      const { signIn: words } = textsFor(turn.locale);
      const text = purpose === 'stepUp' ? words.stepUp : words.promptAgain;
      return { kind: 'signIn', requestId: id, text, how: purpose === 'signIn' ? 'silent' : 'button' };
    };
    const audited = auditedPress(handlers, press, record);
    const acting = handler.where === 'beside' ? asReplyToCard(turn) : turn;
    const reply = await run.authorized(acting, { ...as, askAgain, audited }, (authorized) =>
      handler.run(authorized, record, press.inputs),
    );
    // Nothing was done, so the button may be pressed again.
    if (handler.once && reply.kind !== 'card') await records.reopen(record.id);
    return answerOf(turn, reply, record, handler.where);
  }
}

type Refusal = 'unknown' | 'otherConversation' | 'notYours' | 'expired' | 'used' | 'notManual';

function refusalOf(turn: Turn, record: CardRecord | undefined, now: number): Refusal | undefined {
  if (!record) return 'unknown';
  if (conversationRoot(record.conversationId) !== conversationRoot(turn.conversation.id)) return 'otherConversation';
  if (record.ownerId !== undefined && record.ownerId !== turn.person.aadObjectId) return 'notYours';
  if (record.expiresAt <= now) return 'expired';
  return record.kind === 'choice' && record.usedAt !== undefined ? 'used' : undefined;
}

/** Where a press goes on after a sign-in that ends away from its card: never on a card that others look at too. */
const placeFor = (turn: Turn, record: CardRecord) => (record.ownerId === undefined ? asReplyToCard(turn) : turn);

/** A card that others look at too is never replaced by what went wrong for one of them. */
function answerOf(turn: Turn, reply: Reply, record: CardRecord, where: CardActionHandler['where']): CardActionAnswer {
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

/** The answer to a press whose proof did not sign anybody in; undefined when it was for another request and is asked for anew. */
export function answerToOutcome(
  turn: Turn,
  outcome: Exclude<SignInOutcome, { kind: 'signedIn' }>,
  proof: SignInProof | undefined,
): CardActionAnswer | undefined {
  const { signIn } = textsFor(turn.locale);
  switch (outcome.kind) {
    case 'ignored':
      return proof?.kind === 'assertion'
        ? undefined
        : { kind: 'message', text: withReference(turn, signIn.codeNotAccepted) };
    case 'signInAgain':
      return { kind: 'signInAgain', text: outcome.text };
    case 'askAnew':
      return { kind: 'signIn', requestId: outcome.request.id, text: signIn.promptAgain, how: 'silent' };
    case 'told': {
      const { reply } = outcome;
      return {
        kind: 'message',
        text: reply.kind === 'text' || reply.kind === 'refusal' ? reply.text : signIn.rejected.what,
      };
    }
  }
}

const cancelVerb = 'dialog/cancel';

/** What can be cancelled: a question or a plan. */
const isDialog = ({ kind }: CardRecord): boolean => kind === 'choice' || kind === 'plan';

/** What the audit calls a press, and the token it would have been about; undefined for one that only looks. */
function auditedPress(
  handlers: Readonly<Record<string, CardActionHandler>>,
  press: CardAction,
  record: CardRecord | undefined,
): Pick<AuditNote, 'action' | 'token'> | undefined {
  if (press.verb === cancelVerb && record && isDialog(record)) {
    const action = actionCancelled(handlers, record);
    return action && { action };
  }
  const handler = Object.hasOwn(handlers, press.verb) ? handlers[press.verb] : undefined;
  if (!handler) return { action: 'press' };
  if (!handler.audits) return undefined;
  const token = record?.kind === handler.kind ? handler.tokenOf?.(record, press.inputs) : undefined;
  return { action: handler.audits, ...(token && { token }) };
}

function actionCancelled(
  handlers: Readonly<Record<string, CardActionHandler>>,
  record: CardRecord,
): AuditAction | undefined {
  if (record.kind === 'plan') return 'syncAll';
  const verb = `${(record.payload as Choice).command}/choose`;
  return Object.hasOwn(handlers, verb) ? handlers[verb]?.audits : undefined;
}

/** The same turn, answered beside the pressed card instead of on it: as a reply to the card's message. */
export function asReplyToCard(turn: Turn): Turn {
  const { cardId, ...rest } = turn;
  return cardId === undefined ? rest : { ...rest, messageId: cardId };
}
