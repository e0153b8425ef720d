import type { SyncOutcome } from './sync-run.ts';
import type { Turn } from './turn.ts';

/** What was attempted. Everything that changes something or could; looking (status, list, licences, history, doctor) is not kept. */
export type AuditAction =
  | 'sync'
  /** One token of a confirmed plan, or the plan itself where no token is named. */
  | 'syncAll'
  | 'signIn'
  | 'signOut'
  /** What a token was is remembered, because its renewal begins. */
  | 'renewMark'
  | 'alertsOn'
  | 'alertsOff'
  | 'acknowledge'
  | 'snooze'
  /** A button that nobody knows, so that nothing can be said of what it was for. */
  | 'press';

/** What came of an attempt at once. */
export type AskedOutcome =
  /** It was carried out, there and then. */
  | 'done'
  /** A sync is about to be asked for. Written before the request is sent. */
  | 'started'
  | 'joined'
  | 'coolingDown'
  /** They must sign in first; what comes of it then is an attempt of its own. */
  | 'signInAsked'
  /** What was typed stands for no token, or for several. */
  | 'unresolved'
  /** `reason` says why. */
  | 'refused'
  | 'cancelled'
  /** Presses that do nothing. */
  | 'notYours'
  | 'expired'
  | 'used'
  | 'unknown'
  | 'otherConversation'
  | 'notManual';

/** What Graph said to the request. `unclear`: it may have started. */
type AnsweredOutcome = 'accepted' | 'unclear';

/** How a sync ended, in the words of `SyncOutcome`; `refused` by Graph; `overtaken` by another process, and then joined. */
type EndedOutcome = Exclude<SyncOutcome, 'refusedLate'> | 'refused' | 'overtaken';

/** One thing worth keeping, as whoever did it tells it. Who and where comes from the turn. */
export type AuditNote = {
  readonly action: AuditAction;
  /** A word of the code, never a person's text: such as a Graph error's reason. */
  readonly reason?: string;
  readonly token?: { readonly id: string; readonly name?: string };
  /** Of the sync that the note is about. */
  readonly runId?: string;
  /** Graph's own id of the request, and ours. */
  readonly requestId?: string;
  readonly clientRequestId?: string;
} & (
  | { readonly stage?: 'asked'; readonly outcome: AskedOutcome }
  | { readonly stage: 'answered'; readonly outcome: AnsweredOutcome }
  | { readonly stage: 'ended'; readonly outcome: EndedOutcome }
);

/** What of a turn is kept: who, where, how it began and under which reference. The session says whose Intune it is about. */
export type AuditTurn = Pick<Turn, 'person' | 'conversation' | 'messageId' | 'cardId'> & {
  readonly correlationId?: string;
  readonly session?: { readonly tenantId: string };
};

/** What was asked for could not be written down first, so it was not done. */
export class NotAuditedError extends Error {
  override readonly name = 'NotAuditedError';
  constructor() {
    super('the audit could not be written');
  }
}
