import { type AlertDigestCardData, alertDigestCard, summaryOfAlertDigestCard } from '../cards/alert-digest-card.ts';
import { alertLines } from '../cards/alert-text.ts';
import { summaryOfWeeklyCard, type WeeklyCardData, weeklyCard } from '../cards/weekly-card.ts';
import type { AlertEvent } from '../domain/alert.ts';
import type { Locale } from '../domain/turn.ts';
import type { AlertViews } from './alert-views.ts';
import type { Poster } from './wall.ts';

/** How alerts look when they are told. */
export interface AlertDrawings {
  readonly single: AlertViews['draw'];
  digest(data: AlertDigestCardData): Poster;
  weekly(data: WeeklyCardData): Poster;
  /** Plain words for a thread. */
  lines(data: { readonly locale: Locale; readonly now: number; readonly events: readonly AlertEvent[] }): string;
}

export const createAlertDrawings = ({ draw }: AlertViews): AlertDrawings => ({
  single: draw,
  digest: (data) => ({ card: alertDigestCard(data), summary: summaryOfAlertDigestCard(data) }),
  weekly: (data) => ({ card: weeklyCard(data), summary: summaryOfWeeklyCard(data) }),
  lines: alertLines,
});
