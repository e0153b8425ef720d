import type { SyncOutcome } from './sync-run.ts';
import type { Turn } from './turn.ts';

/**
 * Everything the audit records: attempts that change something or could. Commands that only read (status, list, licenses, history,
 * doctor) are not recorded.
 */
export type AuditAction =
  | 'sync'
  /** One token of a confirmed plan, or the plan itself where no token is named. */
  | 'syncAll'
  | 'signIn'
  | 'signOut'
  /** Somebody said that they have started a token's renewal; its present state is stored. */
  | 'renewStart'
  | 'alertsOn'
  | 'alertsOff'
  | 'acknowledge'
  | 'snooze'
  | 'undoAlert'
  /** An unknown button: its purpose is not known. */
  | 'press';

/** The immediate result of an attempt. */
export type AskedOutcome =
  /** Carried out there and then. */
  | 'done'
  /** A sync is about to be requested. Written before the request is sent. */
  | 'started'
  | 'joined'
  | 'coolingDown'
  /** They must sign in first; what follows the sign-in is an attempt of its own. */
  | 'signInAsked'
  /** The typed words match no token, or several. */
  | 'unresolved'
  /** `reason` says why. */
  | 'refused'
  | 'cancelled'
  /** Card actions without effect. */
  | 'notYours'
  | 'expired'
  | 'used'
  | 'unknown'
  | 'otherConversation'
  | 'notManual';

/** Graph's answer to the request. `unclear`: the sync may have started. */
type AnsweredOutcome = 'accepted' | 'unclear';

/** The end of a sync, as in `SyncOutcome`; or `refused` by Graph; or `overtaken` by another process's sync, and then joined. */
type EndedOutcome = Exclude<SyncOutcome, 'refusedLate'> | 'refused' | 'overtaken';

/** One entry for the audit. Person and place come from the turn. */
export type AuditNote = {
  readonly action: AuditAction;
  /** A fixed word of ours, such as a Graph error's reason; never a person's text. */
  readonly reason?: string;
  readonly token?: { readonly id: string; readonly name?: string };
  /** The sync that the note is about. */
  readonly runId?: string;
  /** Graph's own id of the request, and ours. */
  readonly requestId?: string;
  readonly clientRequestId?: string;
} & (
  | { readonly stage?: 'asked'; readonly outcome: AskedOutcome }
  | { readonly stage: 'answered'; readonly outcome: AnsweredOutcome }
  | { readonly stage: 'ended'; readonly outcome: EndedOutcome }
);

/** The parts of a turn that the audit keeps. The session says which tenant's Intune the attempt concerned. */
export type AuditTurn = Pick<Turn, 'person' | 'conversation' | 'messageId' | 'cardId'> & {
  readonly correlationId?: string;
  readonly session?: { readonly tenantId: string };
};

/** Thrown before an attempt that could not be recorded, so it was not carried out. */
export class NotAuditedError extends Error {
  override readonly name = 'NotAuditedError';
  constructor() {
    super('the audit could not be written');
  }
}
