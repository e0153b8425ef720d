import type { VppToken } from '../graph/vpp-token.ts';
import type { AlertDetail, AlertEnding } from './alert.ts';
import { type Condition, chosenConditions, type Stage } from './condition.ts';

/** What a look says of one condition. `unknown`: this time nothing was learnt of it, so it neither begins nor ends. */
export type Observed = { readonly condition: Condition } & Sight;

export type Sight =
  | { readonly is: 'present'; readonly stage: Stage; readonly detail: AlertDetail }
  | { readonly is: 'absent'; readonly ending: AlertEnding }
  | { readonly is: 'unknown' };

/** All that is known of a token after a look. Times are epoch milliseconds. */
export interface TokenFacts {
  readonly token: VppToken;
  readonly firstSeenAt: number;
  /** The newest sync that was ever seen completed. */
  readonly completedAt?: number;
  /** When the sync that goes on was first seen. */
  readonly inProgressSince?: number;
  /** Absent when licences were not read this time. */
  readonly apps?: {
    readonly apps: readonly { readonly name: string; readonly used: number; readonly total: number }[];
    /** Intune does not tell for certain which token they belong to. */
    readonly isApproximate: boolean;
  };
}

/** What to observe of a token that is not there any more. */
export const deletedToken: readonly Observed[] = chosenConditions.map((condition) => ({
  condition,
  is: 'absent',
  ending: 'deleted',
}));

/** What to observe of a token that could not be looked at. */
export const unseenToken: readonly Observed[] = chosenConditions.map((condition) => ({ condition, is: 'unknown' }));

export const present = (stage: Stage, detail: AlertDetail = {}): Sight => ({ is: 'present', stage, detail });
export const absent = (ending: AlertEnding): Sight => ({ is: 'absent', ending });
export const unknown: Sight = { is: 'unknown' };
