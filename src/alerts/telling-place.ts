import type { AlertDeliveries, AlertMessages, Alerts, Told } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import type { ConversationReference } from '../domain/turn.ts';
import type { AlertDrawings } from './drawings.ts';
import type { AlertWall, Poster } from './wall.ts';

export interface TellingParts {
  readonly alerts: Pick<Alerts, 'list'>;
  readonly deliveries: AlertDeliveries;
  readonly messages: AlertMessages;
  readonly told: Told;
  readonly wall: AlertWall;
  readonly draw: AlertDrawings;
  readonly drawWeekly: (place: TellingPlace) => Promise<Poster>;
  readonly onOutcome: (outcome: DeliveryOutcome, count: number) => void;
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly log: TellingLog;
}

/** `putOff` counts every failed try. */
export type DeliveryOutcome = 'sent' | 'dropped' | 'putOff';

export interface TellingLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One conversation, while this process tells it of its alerts. */
export interface TellingPlace {
  readonly subscription: AlertSubscription;
  /** Where messages go now, without a thread. */
  readonly conversation: ConversationReference;
  /** By message: the revision of each alert that this turn has drawn on it. What it shows already needs no edit. */
  readonly drawn: Map<string, ReadonlyMap<string, number>>;
  /** Calls the wall once there is room under Teams' limits. Throws TurnOver when the turn is over before that. */
  send<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T>;
}
