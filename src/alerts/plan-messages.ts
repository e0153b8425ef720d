import { type Alert, type AlertEventKind, isAnnounced } from '../domain/alert.ts';
import type { AlertMessage, DigestReason } from '../domain/alert-repositories.ts';
import type { AlertDelivery } from '../domain/subscription.ts';

/** What is to be told of one alert, whatever number of events brought it up. */
export interface Work {
  readonly alert: Alert;
  readonly deliveryIds: readonly string[];
  /** Messages that show it, the newest first. */
  readonly shown: readonly AlertMessage[];
  /** What it is told as; absent when its messages are edited and nobody is disturbed. */
  readonly event?: AlertEventKind;
}

export type AnnouncementStep =
  | { readonly kind: 'digest'; readonly why: DigestReason; readonly works: readonly Work[] }
  | { readonly kind: 'card'; readonly works: readonly [Work] }
  /** One line below a message; several alerts that one digest shows share it. */
  | { readonly kind: 'line'; readonly on: AlertMessage; readonly works: readonly Work[] };

export interface TellingPlan {
  readonly aloud: readonly AnnouncementStep[];
  readonly edits: readonly Work[];
  /** Deliveries that leave nothing to do. */
  readonly nothing: readonly string[];
  /** Deliveries whose alert is not there. */
  readonly lost: readonly string[];
}

/** More messages than this at once are one digest instead. */
const mostAtOnce = 5;

/**
 * From what is due to one conversation, in its order, to the messages that tell it: of every alert as it is now, and not of everything
 * that happened to it on the way. `alerts`: those that may be told there. `showing`: what shows these alerts there, the newest first.
 */
export function planMessages(
  due: readonly AlertDelivery[],
  alerts: ReadonlyMap<string, Alert>,
  showing: readonly AlertMessage[],
): TellingPlan {
  const works = worksOf(due, alerts, showing);
  const aloud = works.filter(({ event }) => event !== undefined);
  const edits = works.filter(({ event, shown }) => event === undefined && shown.length > 0);
  const done = new Set([...aloud, ...edits].flatMap(({ deliveryIds }) => deliveryIds));
  return {
    aloud: stepsOf(aloud, due),
    edits,
    nothing: idsOf(due, ({ id, body }) => body.kind === 'alert' && alerts.has(body.alertId) && !done.has(id)),
    lost: idsOf(due, ({ body }) => body.kind === 'alert' && !alerts.has(body.alertId)),
  };
}

const idsOf = (due: readonly AlertDelivery[], isMeant: (delivery: AlertDelivery) => boolean) =>
  due.filter(isMeant).map(({ id }) => id);

function worksOf(
  due: readonly AlertDelivery[],
  alerts: ReadonlyMap<string, Alert>,
  showing: readonly AlertMessage[],
): Work[] {
  const shownOf = Map.groupBy(showing, ({ alertId }) => alertId);
  const dueOf = Map.groupBy(due, ({ body }) => (body.kind === 'alert' ? body.alertId : undefined));
  return [...dueOf].flatMap(([alertId, deliveries]) => {
    const alert = alertId === undefined ? undefined : alerts.get(alertId);
    if (!alert) return [];
    const shown = shownOf.get(alert.id) ?? [];
    const kinds = deliveries.flatMap(({ body }) => (body.kind === 'alert' ? [body.event] : []));
    const event = eventNow(alert, kinds, shown);
    return [{ alert, deliveryIds: deliveries.map(({ id }) => id), shown, ...(event && { event }) }];
  });
}

/** What there is to tell aloud of an alert as it is now; undefined when edits say it all. */
function eventNow(
  alert: Alert,
  kinds: readonly AlertEventKind[],
  shown: readonly AlertMessage[],
): AlertEventKind | undefined {
  const isShown = shown.length > 0;
  const aloud = kinds.filter((kind) => isAnnounced({ kind }) || (kind === 'returned' && !isShown));
  if (alert.endedAt !== undefined) {
    const ending = alert.ending ?? 'resolved';
    // Somebody who never saw it learns once that it was there.
    if (!isShown) return aloud.length > 0 ? ending : undefined;
    return ending === 'resolved' && aloud.includes('resolved') ? ending : undefined;
  }
  const last = aloud.findLast((kind) => kind !== 'resolved');
  // It was posted, and the process ended before it could say so.
  if (last === 'opened' && isShown) return undefined;
  if (aloud.includes('returned') && (last === 'returned' || last === 'cameBack')) return 'opened';
  return last === 'cameBack' && wasToldSince(alert, shown) ? undefined : last;
}

/** Who was told as new that it is back needs no second word, unless it is of what must not be silent for a day. */
const wasToldSince = ({ condition, returnedAt }: Alert, shown: readonly AlertMessage[]) =>
  condition !== 'expired' && returnedAt !== undefined && shown.some(({ at }) => at >= returnedAt);

function stepsOf(works: readonly Work[], due: readonly AlertDelivery[]): AnnouncementStep[] {
  if (works.length === 0) return [];
  const steps = singleSteps(works);
  const ids = new Set(works.flatMap(({ deliveryIds }) => deliveryIds));
  const why = whyDigest(
    due.filter(({ id }) => ids.has(id)),
    works,
    steps.length,
  );
  return why ? [{ kind: 'digest', why, works }] : steps;
}

function whyDigest(due: readonly AlertDelivery[], works: readonly Work[], messages: number): DigestReason | undefined {
  if (works.every(({ event }) => event === 'alreadyOpen')) return 'alreadyOpen';
  if (due.some(({ held }) => held)) return 'morning';
  if (due.some(({ body }) => body.kind === 'alert' && body.event === 'alreadyOpen')) return 'alreadyOpen';
  return messages > mostAtOnce ? 'burst' : undefined;
}

function singleSteps(works: readonly Work[]): AnnouncementStep[] {
  const steps = new Map<string, AnnouncementStep>();
  for (const work of works) {
    const on = findThread(work);
    if (!on) {
      steps.set(`card ${work.alert.id}`, { kind: 'card', works: [work] });
      continue;
    }
    const key = `line ${on.messageId}`;
    steps.set(key, { kind: 'line', on, works: [...(steps.get(key)?.works ?? []), work] });
  }
  return [...steps.values()];
}

/** The message below which it is told: its own before a digest. What got worse and has none of its own gets one. */
function findThread({ shown, event }: Work): AlertMessage | undefined {
  const own = shown.find(({ shared }) => !shared);
  return own ?? (event === 'escalated' ? undefined : shown[0]);
}
