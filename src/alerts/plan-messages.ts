import { type Alert, type AlertEventKind, isAnnounced } from '../domain/alert.ts';
import type { AlertMessage, DigestReason } from '../domain/alert-repositories.ts';
import type { AlertDelivery } from '../domain/subscription.ts';
import { isLater, type SyncRun } from '../domain/sync-run.ts';
import { hourMs, minuteMs } from '../lib/time.ts';

/** Everything that is due about one alert, however many events queued up. */
export interface AlertUpdate {
  readonly alert: Alert;
  readonly deliveryIds: readonly string[];
  /** Messages that show the alert, the newest first. */
  readonly shown: readonly AlertMessage[];
  /** Announced as this; absent when its messages are only edited, which notifies nobody. */
  readonly event?: AlertEventKind;
}

export type Announcement =
  | { readonly kind: 'digest'; readonly why: DigestReason; readonly updates: readonly AlertUpdate[] }
  | { readonly kind: 'card'; readonly updates: readonly [AlertUpdate] }
  /** An edit of the receipt of the failed sync: it was the news, and carries the alert from now on. */
  | { readonly kind: 'receipt'; readonly on: Receipt; readonly updates: readonly [AlertUpdate] }
  /** One line below a message; several alerts of one digest share it. */
  | { readonly kind: 'line'; readonly on: AlertMessage; readonly updates: readonly AlertUpdate[] };

/** The message in a conversation that says how a sync ended. */
type Receipt = Pick<AlertMessage, 'messageId' | 'threadId'>;

/** The receipt in a conversation that an opened alert goes on; `awaited`: it is still to be written. */
export type ReceiptOfAlert = { readonly kind: 'written'; readonly on: Receipt } | { readonly kind: 'awaited' };

export interface MessagePlan {
  readonly announcements: readonly Announcement[];
  readonly edits: readonly AlertUpdate[];
  /** Deliveries that leave nothing to do. */
  readonly nothing: readonly string[];
  /** Deliveries that wait for a receipt. */
  readonly waiting: readonly string[];
  /** Deliveries whose alert is gone or does not match the subscription any more. */
  readonly lost: readonly string[];
}

/** More messages than this at once become one digest. */
const mostAtOnce = 5;

/**
 * Turns a conversation's due deliveries into messages. Each alert is reported once, in its current state, however many events
 * queued up. `alerts` are those that match the subscription; `showing` are its messages that show any of these alerts, the newest
 * first; `receipts` are by alert id.
 */
export function planMessages(
  due: readonly AlertDelivery[],
  alerts: ReadonlyMap<string, Alert>,
  showing: readonly AlertMessage[],
  receipts: ReadonlyMap<string, ReceiptOfAlert> = new Map(),
): MessagePlan {
  const updates = updatesOf(due, alerts, showing);
  const receiptOf = ({ alert, event, shown }: AlertUpdate) =>
    event === 'opened' && shown.length === 0 ? receipts.get(alert.id) : undefined;
  const waiting = updates.filter((update) => receiptOf(update)?.kind === 'awaited');
  const onReceipts = updates.flatMap((update): Announcement[] => {
    const receipt = receiptOf(update);
    return receipt?.kind === 'written' ? [{ kind: 'receipt', on: receipt.on, updates: [update] }] : [];
  });
  const announced = updates.filter((update) => update.event !== undefined && receiptOf(update) === undefined);
  const edits = updates.filter(({ event, shown }) => event === undefined && shown.length > 0);
  const isPlanned = ({ event, shown }: AlertUpdate) => event !== undefined || shown.length > 0;
  const planned = new Set(updates.filter(isPlanned).flatMap(({ deliveryIds }) => deliveryIds));
  return {
    announcements: [...onReceipts, ...announcementsOf(announced, due)],
    edits,
    waiting: waiting.flatMap(({ deliveryIds }) => deliveryIds),
    nothing: idsOf(due, ({ id, body }) => body.kind === 'alert' && alerts.has(body.alertId) && !planned.has(id)),
    lost: idsOf(due, ({ body }) => body.kind === 'alert' && !alerts.has(body.alertId)),
  };
}

const idsOf = (due: readonly AlertDelivery[], isMeant: (delivery: AlertDelivery) => boolean) =>
  due.filter(isMeant).map(({ id }) => id);

function updatesOf(
  due: readonly AlertDelivery[],
  alerts: ReadonlyMap<string, Alert>,
  showing: readonly AlertMessage[],
): AlertUpdate[] {
  const shownOf = Map.groupBy(showing, ({ alertId }) => alertId);
  const dueOf = Map.groupBy(due, ({ body }) => (body.kind === 'alert' ? body.alertId : undefined));
  return [...dueOf].flatMap(([alertId, deliveries]) => {
    const alert = alertId === undefined ? undefined : alerts.get(alertId);
    if (!alert) return [];
    const shown = shownOf.get(alert.id) ?? [];
    const kinds = deliveries.flatMap(({ body }) => (body.kind === 'alert' ? [body.event] : []));
    const event = findEvent(alert, kinds, shown);
    return [{ alert, deliveryIds: deliveries.map(({ id }) => id), shown, ...(event && { event }) }];
  });
}

/** The event to announce for an alert in its current state; undefined when edits say it all. */
function findEvent(
  alert: Alert,
  kinds: readonly AlertEventKind[],
  shown: readonly AlertMessage[],
): AlertEventKind | undefined {
  const isShown = shown.length > 0;
  const announced = kinds.filter((kind) => isAnnounced(kind) || (kind === 'returned' && !isShown));
  if (alert.endedAt !== undefined) {
    const ending = alert.ending ?? 'resolved';
    // A conversation that never saw the alert learns once that it was there.
    if (!isShown) return announced.length > 0 ? ending : undefined;
    return ending === 'resolved' && announced.includes('resolved') ? ending : undefined;
  }
  const last = announced.findLast((kind) => kind !== 'resolved');
  // Already posted, by a process that ended before it could settle the delivery.
  if (last === 'opened' && isShown) return undefined;
  if (announced.includes('returned') && (last === 'returned' || last === 'cameBack')) return 'opened';
  return last === 'cameBack' && wasPostedSinceReturn(alert, shown) ? undefined : last;
}

/** A message posted since the return already says that the alert is back; `expired` is announced again anyway, once a day. */
const wasPostedSinceReturn = ({ condition, returnedAt }: Alert, shown: readonly AlertMessage[]) =>
  condition !== 'expired' && returnedAt !== undefined && shown.some(({ at }) => at >= returnedAt);

function announcementsOf(updates: readonly AlertUpdate[], due: readonly AlertDelivery[]): Announcement[] {
  if (updates.length === 0) return [];
  const single = singleAnnouncements(updates);
  const ids = new Set(updates.flatMap(({ deliveryIds }) => deliveryIds));
  const why = whyDigest(
    due.filter(({ id }) => ids.has(id)),
    updates,
    single.length,
  );
  return why ? [{ kind: 'digest', why, updates }] : single;
}

function whyDigest(
  due: readonly AlertDelivery[],
  updates: readonly AlertUpdate[],
  messages: number,
): DigestReason | undefined {
  if (updates.every(({ event }) => event === 'alreadyOpen')) return 'alreadyOpen';
  if (due.some(({ held }) => held)) return 'morning';
  if (due.some(({ body }) => body.kind === 'alert' && body.event === 'alreadyOpen')) return 'alreadyOpen';
  return messages > mostAtOnce ? 'burst' : undefined;
}

function singleAnnouncements(updates: readonly AlertUpdate[]): Announcement[] {
  const announcements = new Map<string, Announcement>();
  for (const update of updates) {
    const on = findThread(update);
    if (!on) {
      announcements.set(`card ${update.alert.id}`, { kind: 'card', updates: [update] });
      continue;
    }
    const key = `line ${on.messageId}`;
    announcements.set(key, { kind: 'line', on, updates: [...(announcements.get(key)?.updates ?? []), update] });
  }
  return [...announcements.values()];
}

/** The message below which the line goes: the alert's own card before a digest. An escalation without its own card gets one. */
function findThread({ shown, event }: AlertUpdate): AlertMessage | undefined {
  const own = shown.find(({ shared }) => !shared);
  return own ?? (event === 'escalated' ? undefined : shown[0]);
}

/** A receipt from longer before the alert is not news of the same failure. */
export const receiptAgeMs = hourMs;
/** Longer than a receipt takes, also when another process has to take the sync over. An alert is never lost for a receipt. */
const awaitedForMs = 10 * minuteMs;

/**
 * The receipt that says in a conversation what an opened alert would say once more. `runs` are the token's syncs with cards in that
 * conversation, the newest first. While one is not reported yet, its receipt is awaited, for 10 min at most.
 */
export function findReceipt(alert: Alert, runs: readonly SyncRun[], now: number): ReceiptOfAlert | undefined {
  const isYoung = Math.abs(now - alert.openedAt) < awaitedForMs;
  if (isYoung && runs.some(({ reportedAt }) => reportedAt === undefined)) return { kind: 'awaited' };
  const run = runs.find((each) => isOfFailure(each, alert));
  if (run?.activityId === undefined) return undefined;
  return { kind: 'written', on: { messageId: run.activityId, threadId: run.conversation.id } };
}

/** A sync that ended before the alert opened must not be older than the failure that opened it. */
function isOfFailure({ outcome, reportedAt, endedAt, after }: SyncRun, { openedAt, token }: Alert): boolean {
  if (outcome !== 'failed' || reportedAt === undefined || endedAt === undefined) return false;
  if (endedAt >= openedAt) return true;
  return endedAt >= openedAt - receiptAgeMs && !isLater(token?.lastSyncDateTime, after?.lastSyncDateTime);
}
