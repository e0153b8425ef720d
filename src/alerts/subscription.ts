import type { Locale, Person } from '../turn.ts';
import type { AlertEventKind } from './alert.ts';
import type { ChosenCondition } from './condition.ts';

/** What one conversation wants to be told. There is one subscription per conversation. Times are epoch milliseconds. */
export interface AlertSubscription {
  readonly id: string;
  /** The tenant whose tokens it is about. */
  readonly tenantId: string;
  /** Without the thread: each alert begins one of its own. */
  readonly conversationId: string;
  /** Who subscribed. */
  readonly owner: Person;
  readonly locale: Locale;
  /** `all`: every token of the tenant, later ones too; only for an owner who may see them all. */
  readonly covers: 'all' | readonly string[];
  readonly events: readonly ChosenCondition[];
  /** Local times of day; `from` may be later than `to`. What is not critical waits until `to`. */
  readonly quiet?: QuietHours;
  /** IANA name. */
  readonly timeZone: string;
  /** When the next weekly digest is due; personal chats alone. */
  readonly weeklyAt?: number;
  readonly createdAt: number;
  readonly suspended?: { readonly at: number; readonly why: string };
  readonly removedAt?: number;
}

/** Minutes after midnight, 0 to 1439. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** One thing to tell one subscription. */
export interface AlertDelivery {
  readonly id: string;
  readonly subscriptionId: string;
  /** Never stored twice. */
  readonly key: string;
  readonly body: DeliveryBody;
  /** It waited for the end of quiet hours and is told in one digest with all others that did. */
  readonly held: boolean;
  readonly dueAt: number;
  readonly attempts: number;
}

export type DeliveryBody =
  | { readonly kind: 'alert'; readonly alertId: string; readonly event: AlertEventKind }
  | { readonly kind: 'weekly' };
