import type { VppToken } from '../graph/vpp-token.ts';
import type { Condition, Stage } from './condition.ts';

/** One thing that is, or was, wrong with a token, from its first sight to its end. Times are epoch milliseconds. */
export interface Alert {
  readonly id: string;
  readonly tenantId: string;
  /** Empty for `monitoringBroken`. */
  readonly tokenId: string;
  readonly condition: Condition;
  /** The worst it has reached since it opened: it never steps down. */
  readonly stage: Stage;
  /** Counts every change, so that each can be told once. */
  readonly revision: number;
  readonly openedAt: number;
  /** When it was last told aloud (a new message or a reply, not an edit). */
  readonly notifiedAt: number;
  /** Absent while it is open. */
  readonly endedAt?: number;
  readonly ending?: AlertEnding;
  /**
   * It came back soon after an end that was told: its return is told only if it is still there then. Stays when it ends again before
   * that, which is not told either.
   */
  readonly hushedUntil?: number;
  /** When it was open again, the last time that it came back soon after an end. */
  readonly returnedAt?: number;
  readonly acknowledged?: { readonly by: string; readonly at: number };
  readonly snoozed?: { readonly by: string; readonly until: number };
  /** The token as it was last seen; absent for `monitoringBroken`. */
  readonly token?: VppToken;
  readonly detail: AlertDetail;
}

/** `superseded`: a worse condition of the same token says it now, as `expired` does of `expiring`. */
export type AlertEnding = 'resolved' | 'deleted' | 'superseded';

/** Numbers that may change without the alert being told again. */
export interface AlertDetail {
  /** Apps at 95 % or more of `licenses`, the worst first. */
  readonly apps?: readonly { readonly name: string; readonly used: number; readonly total: number }[];
  /** Intune does not tell for certain which token these apps belong to. */
  readonly isApproximate?: boolean;
  /** Since when, as far as is known: of `syncStale`, `syncStuck` and `monitoringBroken`. */
  readonly since?: number;
  /** Why a tenant could not be looked at. */
  readonly failure?: MonitoringFailure;
}

export interface MonitoringFailure {
  /** `tokens`: nothing could be read; `licenses`: tokens could, apps could not. */
  readonly part: 'tokens' | 'licenses';
  /** Of an AppTokenError or a GraphError; `unexpected` for anything else. */
  readonly reason: string;
  readonly neededScopes?: readonly string[];
  /** Entra's or Graph's own code, for the details. */
  readonly code?: string;
}

/**
 * What became of an alert. Told aloud: `opened`; `escalated` to a worse stage; `reminded` of (expired, every 24 h; a snooze that
 * ended); `cameBack` after a short end; `resolved`. Edits of what stands there alone: `deleted`, `superseded`, and `changed`
 * (other numbers or another cause, acknowledged, snoozed, or ended within the time of flapping). `returned` within that time is an
 * edit where the alert stands, and new where nothing of it does.
 * `standing` is for who subscribes now: it is open already.
 */
export type AlertEventKind =
  | 'opened'
  | 'escalated'
  | 'reminded'
  | 'cameBack'
  | 'resolved'
  | 'deleted'
  | 'superseded'
  | 'changed'
  | 'returned'
  | 'standing';

export interface AlertEvent {
  readonly kind: AlertEventKind;
  /** As it is after the event. */
  readonly alert: Alert;
}

const aloud: ReadonlySet<AlertEventKind> = new Set([
  ...(['opened', 'escalated', 'reminded', 'cameBack', 'resolved', 'standing'] as const),
]);
export const isToldAloud = ({ kind }: Pick<AlertEvent, 'kind'>): boolean => aloud.has(kind);
