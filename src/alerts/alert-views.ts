import { alertCard, summaryOfAlertCard } from '../cards/alert-card.ts';
import { type AlertDigestCardData, alertDigestCard, summaryOfAlertDigestCard } from '../cards/alert-digest-card.ts';
import { alertLines } from '../cards/alert-text.ts';
import { summaryOfWeeklyCard, type WeeklyCardData, weeklyCard } from '../cards/weekly-card.ts';
import type { Alert, AlertEvent } from '../domain/alert.ts';
import type { AlertCardRecord, CardRecords } from '../domain/card-record.ts';
import { type ConversationReference, conversationRoot, type Locale } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { dayMs } from '../lib/time.ts';
import type { CardMessage } from './alert-messenger.ts';

/** Everything that alerts show in Teams. */
export interface AlertViews {
  /** Draws an alert's card and stores the record behind its buttons. Anybody in the conversation may press them, as themselves. */
  card(view: AlertView): Promise<CardMessage>;
  digest(data: AlertDigestCardData): CardMessage;
  weekly(data: WeeklyCardData): CardMessage;
  /** Plain text for a thread, one line for each event. */
  lines(data: { readonly locale: Locale; readonly now: number; readonly events: readonly AlertEvent[] }): string;
}

interface AlertView {
  readonly alert: Alert;
  readonly locale: Locale;
  readonly conversation: ConversationReference;
}

/** An alert may be open for months without a change, and its buttons must work all that time. */
const cardExpiresMs = 180 * dayMs;

export function createAlertViews({ runtime, records }: { runtime: Runtime; records: CardRecords }): AlertViews {
  return {
    async card({ alert, locale, conversation }) {
      const at = runtime.now();
      const data = { locale, now: at, conversationKind: conversation.kind, alert };
      if (alert.endedAt !== undefined) return { card: alertCard(data), summary: summaryOfAlertCard(data) };
      const recordId = newOpaqueId();
      await records.add({
        id: recordId,
        kind: 'alert',
        conversationId: conversationRoot(conversation.id),
        payload: { alertId: alert.id, tokenId: alert.tokenId } satisfies AlertCardRecord,
        createdAt: at,
        expiresAt: at + cardExpiresMs,
      });
      return { card: alertCard({ ...data, recordId }), summary: summaryOfAlertCard(data) };
    },
    digest: (data) => ({ card: alertDigestCard(data), summary: summaryOfAlertDigestCard(data) }),
    weekly: (data) => ({ card: weeklyCard(data), summary: summaryOfWeeklyCard(data) }),
    lines: alertLines,
  };
}
