import { alertCard, summaryOfAlertCard } from '../cards/alert-card.ts';
import { type AlertDigestCardData, alertDigestCard, summaryOfAlertDigestCard } from '../cards/alert-digest-card.ts';
import { alertLines } from '../cards/alert-text.ts';
import { summaryOfWeeklyCard, type WeeklyCardData, weeklyCard } from '../cards/weekly-card.ts';
import type { Alert, AlertEvent } from '../domain/alert.ts';
import type { AlertCardRecord, CardRecords } from '../domain/card-record.ts';
import {
  type CardContent,
  type ConversationReference,
  conversationRoot,
  type Locale,
  type Person,
} from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { dayMs } from '../lib/time.ts';

/** An alert may stand for months without a change, and its card is pressed all the while. */
const pressExpiresMs = 180 * dayMs;

export interface AlertViews {
  /** Draws an alert's card and stores what its buttons stand for. Anybody in the conversation may press, as themselves. */
  draw(view: {
    readonly alert: Alert;
    readonly locale: Locale;
    readonly conversation: ConversationReference;
  }): Promise<CardMessage>;
}

export function createAlertViews({
  records,
  now,
}: {
  records: Pick<CardRecords, 'add'>;
  now: () => number;
}): AlertViews {
  return {
    async draw({ alert, locale, conversation }) {
      const at = now();
      const data = { locale, now: at, conversationKind: conversation.kind, alert };
      if (alert.endedAt !== undefined) return { card: alertCard(data), summary: summaryOfAlertCard(data) };
      const recordId = newOpaqueId();
      await records.add({
        id: recordId,
        kind: 'alert',
        conversationId: conversationRoot(conversation.id),
        payload: { alertId: alert.id, tokenId: alert.tokenId } satisfies AlertCardRecord,
        createdAt: at,
        expiresAt: at + pressExpiresMs,
      });
      return { card: alertCard({ ...data, recordId }), summary: summaryOfAlertCard(data) };
    },
  };
}

/** How alerts look when they are told. */
export interface AlertDrawings {
  readonly single: AlertViews['draw'];
  digest(data: AlertDigestCardData): CardMessage;
  weekly(data: WeeklyCardData): CardMessage;
  /** Plain words for a thread. */
  lines(data: { readonly locale: Locale; readonly now: number; readonly events: readonly AlertEvent[] }): string;
}

export const createAlertDrawings = ({ draw }: AlertViews): AlertDrawings => ({
  single: draw,
  digest: (data) => ({ card: alertDigestCard(data), summary: summaryOfAlertDigestCard(data) }),
  weekly: (data) => ({ card: weeklyCard(data), summary: summaryOfWeeklyCard(data) }),
  lines: alertLines,
});

/** A card with the one line that toasts and screen readers say of it. */
export interface CardMessage {
  readonly card: CardContent;
  readonly summary: string;
}

/** A message that stands in Teams. */
interface Posted {
  readonly messageId: string;
  /** The conversation id that replies to it go to. */
  readonly threadId: string;
}

/**
 * Where alerts are put up; implemented by src/teams. One try per call: whoever calls tries again. Every call waits for room under
 * Teams' limits first, and rejects with a SendingError alone, `noRoom` when there was none within a few seconds or the signal aborted.
 */
export interface AlertMessenger {
  /** A message of its own; in a channel it begins a thread. Undefined when Teams took it and did not say what it is called. */
  post(conversation: ConversationReference, poster: CardMessage, signal?: AbortSignal): Promise<Posted | undefined>;
  /** Writes over a message of the bot's own; notifies nobody. */
  edit(
    conversation: ConversationReference,
    threadId: string,
    messageId: string,
    poster: CardMessage,
    signal?: AbortSignal,
  ): Promise<void>;
  /** One line in that thread. */
  reply(conversation: ConversationReference, threadId: string, text: string, signal?: AbortSignal): Promise<void>;
  /** The person's chat with the bot, found or begun the way `through` was: the same bot at the same address. */
  openPersonal(person: Person, through: ConversationReference): Promise<ConversationReference>;
}
