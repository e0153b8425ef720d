import { alertCard, summaryOfAlertCard } from '../cards/alert-card.ts';
import type { Alert } from '../domain/alert.ts';
import { type ConversationReference, type Locale, withoutThread } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { PressRecords } from '../store/card-records.ts';
import type { Poster } from './wall.ts';

/** What an alert card's buttons stand for. */
export interface AlertPress {
  readonly alertId: string;
  /** Empty for an alert of monitoring itself. */
  readonly tokenId: string;
}

/** An alert may stand for months without a change, and its card is pressed all the while. */
const pressExpiresMs = 180 * 24 * 60 * 60 * 1000;

export interface AlertViews {
  /** Draws an alert's card and stores what its buttons stand for. Anybody in the conversation may press, as themselves. */
  draw(view: {
    readonly alert: Alert;
    readonly locale: Locale;
    readonly conversation: ConversationReference;
  }): Promise<Poster>;
}

export function createAlertViews({
  records,
  now,
}: {
  records: Pick<PressRecords, 'add'>;
  now: () => number;
}): AlertViews {
  return {
    async draw({ alert, locale, conversation }) {
      const at = now();
      const data = { locale, now: at, conversationKind: conversation.kind, alert };
      if (alert.endedAt !== undefined) return { card: alertCard(data), summary: summaryOfAlertCard(data) };
      const pressId = newOpaqueId();
      await records.add({
        id: pressId,
        kind: 'alert',
        conversationId: withoutThread(conversation.id),
        payload: { alertId: alert.id, tokenId: alert.tokenId } satisfies AlertPress,
        createdAt: at,
        expiresAt: at + pressExpiresMs,
      });
      return { card: alertCard({ ...data, pressId }), summary: summaryOfAlertCard(data) };
    },
  };
}
