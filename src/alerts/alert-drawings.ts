import { alertDigestCard, summaryOfAlertDigestCard } from '../cards/alert-digest-card.ts';
import { alertLines } from '../cards/alert-lines.ts';
import { summaryOfWeeklyCard, weeklyCard } from '../cards/weekly-card.ts';
import type { AlertViews } from './alert-views.ts';
import type { AlertDrawings } from './drawings.ts';

/** Alerts as cards and lines. */
export const createAlertDrawings = (views: AlertViews): AlertDrawings => ({
  single: views.draw,
  digest: (data) => ({ card: alertDigestCard(data), summary: summaryOfAlertDigestCard(data) }),
  weekly: (data) => ({ card: weeklyCard(data), summary: summaryOfWeeklyCard(data) }),
  line: alertLines,
});
