import { isDeepStrictEqual } from 'node:util';
import { createLocalTime } from '../lib/time.ts';
import {
  type Alert,
  type AlertEvent,
  type AlertEventKind,
  type ChosenCondition,
  chosenConditions,
  isAnnounced,
  severityOf,
  type TokenSnapshot,
} from './alert.ts';
import type { VppToken } from './token.ts';
import type { Locale, Person } from './turn.ts';

/** The alerts that one conversation gets; one subscription per conversation. Times are epoch milliseconds. */
export interface AlertSubscription {
  readonly id: string;
  /** The tenant whose tokens it concerns. */
  readonly tenantId: string;
  /** Without the thread: each alert begins one of its own. */
  readonly conversationId: string;
  /** The person who subscribed. */
  readonly owner: Person;
  readonly locale: Locale;
  /** `all`: every token of the tenant, future ones too; only for an owner who may see them all. */
  readonly scope: 'all' | readonly string[];
  readonly events: readonly ChosenCondition[];
  /** Alerts that are not critical wait until these hours end. */
  readonly quiet?: QuietHours;
  /** IANA name. */
  readonly timeZone: string;
  /** When the next weekly digest is due; only in personal chats. */
  readonly weeklyAt?: number;
  readonly createdAt: number;
  readonly suspended?: { readonly at: number; readonly why: string };
  readonly removedAt?: number;
}

/** Local times of day in minutes after midnight, 0 to 1439; `from` may be later than `to`. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** One alert event, or one weekly digest, to send to one subscription. */
export interface AlertDelivery {
  readonly id: string;
  readonly subscriptionId: string;
  /** No two deliveries with the same key are stored. */
  readonly key: string;
  readonly body: DeliveryBody;
  /** Held until quiet hours end, and then sent in one digest with all others. */
  readonly held: boolean;
  readonly dueAt: number;
  readonly attempts: number;
}

export type DeliveryBody =
  | { readonly kind: 'alert'; readonly alertId: string; readonly event: AlertEventKind }
  | { readonly kind: 'weekly' };

/**
 * True for an alert that the subscription is for. `monitoringBroken` concerns every subscription of the tenant, and `tokenDeleted`
 * every one that covers the token: whoever got its other alerts must learn that no more can come.
 */
export function matchesSubscription(subscription: AlertSubscription, { tenantId, tokenId, condition }: Alert): boolean {
  const { scope, events } = subscription;
  if (tenantId !== subscription.tenantId) return false;
  if (condition === 'monitoringBroken') return true;
  return (condition === 'tokenDeleted' || events.includes(condition)) && (scope === 'all' || scope.includes(tokenId));
}

/** The parts of `alerts on …` that a person wrote; all others are absent. */
export interface SubscriptionRequest {
  readonly target?: 'all' | { readonly tokenId: string } | ChosenTokens;
  readonly events?: readonly ChosenCondition[];
  readonly quiet?: QuietHours | 'off';
  readonly timeZone?: string;
  readonly weekly?: boolean;
}

/** Those of the tokens that a form showed, and others. What is covered and was not shown stays covered. */
export interface ChosenTokens {
  readonly chosen: readonly string[];
  readonly shown: readonly string[];
}

interface Subscriber {
  readonly person: Person;
  /** Tenant of their session. */
  readonly tenantId: string;
  /** Without the thread. */
  readonly conversationId: string;
  readonly isPersonal: boolean;
  readonly locale: Locale;
  /** As Teams sent it. */
  readonly timeZone?: string;
  readonly visible: VisibleTokens;
}

/** `added`: a token to a list of tokens. `events`: conditions only. `settings`: neither tokens nor conditions. `replaced`: all else. */
type Change = 'replaced' | 'added' | 'events' | 'settings';
type ZoneFrom = 'said' | 'kept' | 'client' | 'none';

export type Subscribed =
  | {
      readonly kind: 'subscribed';
      readonly subscription: AlertSubscription;
      /** The subscription before, if there was one. */
      readonly before?: AlertSubscription;
      readonly change: Change;
      readonly zoneFrom: ZoneFrom;
      /** All matching open alerts are to be sent, not only those that did not match before. */
      readonly announcesAll: boolean;
    }
  /** A colleague's subscription stays as it is: it covers tokens that this person may not see, or belongs to another tenant. */
  | { readonly kind: 'leftAlone'; readonly why: 'hidden' | 'otherTenant'; readonly before: AlertSubscription };

/**
 * Applies a request to the conversation's subscription. Without a target it is for every token that the person sees: for future ones
 * too, when they see all there are. A named token is added to a list of tokens, and replaces `all`; so do chosen ones, which take the
 * place of those that were shown beside them. Parts not given stay as they were; `alerts on` alone starts afresh with all conditions.
 */
export function subscribe(
  request: SubscriptionRequest,
  by: Subscriber,
  existing: AlertSubscription | undefined,
  at: { readonly now: number; readonly newId: () => string },
): Subscribed {
  const before = existing?.removedAt === undefined ? existing : undefined;
  if (before && before.tenantId !== by.tenantId) return { kind: 'leftAlone', why: 'otherTenant', before };
  const change = changeOf(request, before);
  const isOthers = before && before.owner.aadObjectId !== by.person.aadObjectId;
  const keepsOwner = change === 'settings' || (change === 'added' && !request.events);
  if (isOthers && !keepsOwner && hides(by.visible, before.scope)) return { kind: 'leftAlone', why: 'hidden', before };

  const { timeZone, zoneFrom } = zoneFor(request, by, before);
  const quiet = request.quiet === 'off' ? undefined : (request.quiet ?? before?.quiet);
  const hasWeekly = by.isPersonal && (request.weekly ?? (before ? before.weeklyAt !== undefined : true));
  const keeper = keepsOwner ? before : undefined;
  const scope = scopeFor(request, by.visible, before, change);
  const startsAfresh = change === 'replaced' && request.target === undefined;
  const events = request.events ?? (startsAfresh ? undefined : before?.events) ?? chosenConditions;
  const isSame = before && isDeepStrictEqual([before.scope, before.events], [scope, events]);
  return {
    kind: 'subscribed',
    subscription: {
      id: before?.id ?? at.newId(),
      tenantId: by.tenantId,
      conversationId: by.conversationId,
      owner: keeper?.owner ?? by.person,
      locale: keeper?.locale ?? by.locale,
      scope,
      events,
      ...(quiet && { quiet }),
      timeZone,
      ...(hasWeekly && { weeklyAt: nextWeekly(at.now, timeZone) }),
      createdAt: before?.createdAt ?? at.now,
    },
    ...(before && { before }),
    change,
    zoneFrom,
    announcesAll:
      !before ||
      before.suspended !== undefined ||
      (change === 'replaced' && typeof request.target !== 'object' && !isSame),
  };
}

function changeOf({ target, ...rest }: SubscriptionRequest, before: AlertSubscription | undefined): Change {
  if (!before) return 'replaced';
  if (isChosen(target)) {
    const { scope } = before;
    const chosen = chooseTokens(target, scope);
    if (scope === 'all' || scope.some((id) => !chosen.includes(id))) return 'replaced';
    if (chosen.length > scope.length) return 'added';
    return rest.events ? 'events' : 'settings';
  }
  if (target !== undefined) return typeof target === 'object' && before.scope !== 'all' ? 'added' : 'replaced';
  if (rest.events) return 'events';
  return Object.keys(rest).length > 0 ? 'settings' : 'replaced';
}

const isChosen = (target: SubscriptionRequest['target']): target is ChosenTokens =>
  typeof target === 'object' && 'chosen' in target;

/** The tokens that are covered once these are chosen. */
export function chooseTokens({ chosen, shown }: ChosenTokens, scope: AlertSubscription['scope'] = []): string[] {
  const kept = scope === 'all' ? [] : scope.filter((id) => chosen.includes(id) || !shown.includes(id));
  return [...new Set([...kept, ...chosen])];
}

function scopeFor(
  { target }: SubscriptionRequest,
  { tokens, extent }: VisibleTokens,
  before: AlertSubscription | undefined,
  change: Change,
) {
  const allVisible = extent === 'whole' ? 'all' : tokens.map(({ id }) => id);
  if (isChosen(target)) return chooseTokens(target, before?.scope);
  if (typeof target === 'object') {
    const listed = change === 'added' && before && before.scope !== 'all' ? before.scope : [];
    return [...new Set([...listed, target.tokenId])];
  }
  if (!before || change === 'replaced') return allVisible;
  // A person who may no longer see all tokens must not get alerts for all of them.
  return change === 'events' && before.scope === 'all' ? allVisible : before.scope;
}

const hides = ({ extent, hiddenIds }: VisibleTokens, scope: AlertSubscription['scope']): boolean =>
  scope === 'all' ? extent !== 'whole' : scope.some((id) => hiddenIds.has(id));

/** A zone that was not said stays, unless it is the UTC of somebody whose Teams gave none and who has set no hours by it. */
function zoneFor(
  request: SubscriptionRequest,
  by: Subscriber,
  before: AlertSubscription | undefined,
): { readonly timeZone: string; readonly zoneFrom: ZoneFrom } {
  if (request.timeZone !== undefined) return { timeZone: request.timeZone, zoneFrom: 'said' };
  const setsHours = request.quiet !== undefined && request.quiet !== 'off';
  const isPlaceholder = before?.timeZone === 'UTC' && before.quiet === undefined;
  if (before && !(isPlaceholder && setsHours && by.timeZone !== undefined))
    return { timeZone: before.timeZone, zoneFrom: 'kept' };
  return by.timeZone === undefined
    ? { timeZone: 'UTC', zoneFrom: 'none' }
    : { timeZone: by.timeZone, zoneFrom: 'client' };
}

/** The tokens of their tenant that a person may see. */
export interface VisibleTokens {
  readonly tokens: readonly VppToken[];
  /** `unknown`: monitoring has not read the tenant yet, so nobody knows whether these are all. */
  readonly extent: 'whole' | 'part' | 'unknown';
  /** Tokens that monitoring saw and the person does not see. */
  readonly hiddenIds: ReadonlySet<string>;
}

/** Compares the tokens that Graph shows a person with those of monitoring's last pass. One deleted since counts as hidden until the next. */
export function visibleTokensOf(tokens: readonly VppToken[], snapshots: readonly TokenSnapshot[]): VisibleTokens {
  const visible = new Set(tokens.map(({ id }) => id));
  const hiddenIds = new Set(snapshots.map(({ token }) => token.id).filter((id) => !visible.has(id)));
  const extent = snapshots.length === 0 ? 'unknown' : hiddenIds.size === 0 ? 'whole' : 'part';
  return { tokens, extent, hiddenIds };
}

/**
 * The end of the quiet hours at `now`, in epoch milliseconds; undefined outside quiet hours. Local clocks decide: an hour that they
 * show twice is quiet both times, and where they leap over the end, the leap is the end. Hours with equal `from` and `to` are none.
 */
export function quietUntil(now: number, { from, to }: QuietHours, timeZone: string): number | undefined {
  const local = createLocalTime(timeZone);
  const minute = local.minuteOfDayAt(now);
  const isQuiet = from <= to ? from <= minute && minute < to : minute >= from || minute < to;
  return isQuiet ? local.nextAt(now, to) : undefined;
}

const monday = 1;
const eightOClock = 8 * 60;

/** The first Monday 08:00 in the time zone after `now`. */
export function nextWeekly(now: number, timeZone: string): number {
  const local = createLocalTime(timeZone);
  let at = local.nextAt(now + 1, eightOClock);
  while (local.weekdayAt(at) !== monday) at = local.nextAt(at + 1, eightOClock);
  return at;
}

/**
 * One delivery for every event and every subscription that matches its alert, in the order of the events. During quiet hours
 * announcements, and `returned`, which may become one, are held until the hours end unless critical. Edits notify nobody and go out at
 * once, and so does `alreadyOpen`, which a person has just asked for.
 */
export function planDeliveries(
  events: readonly AlertEvent[],
  subscriptions: readonly AlertSubscription[],
  now: number,
  newId: () => string,
): AlertDelivery[] {
  return subscriptions.flatMap((subscription) => {
    const matching = events.filter(({ alert }) => matchesSubscription(subscription, alert));
    if (matching.length === 0) return [];
    const { id: subscriptionId, quiet, timeZone } = subscription;
    const quietEnd = quiet && quietUntil(now, quiet, timeZone);
    return matching.map((event) => {
      const { alert, kind } = event;
      const held = quietEnd !== undefined && canWait(event);
      return {
        id: newId(),
        subscriptionId,
        key: `${alert.id} ${alert.revision} ${subscriptionId}`,
        body: { kind: 'alert', alertId: alert.id, event: kind },
        held,
        dueAt: held ? quietEnd : now,
        attempts: 0,
      };
    });
  });
}

const canWait = (event: AlertEvent) =>
  (isAnnounced(event.kind) || event.kind === 'returned') &&
  event.kind !== 'alreadyOpen' &&
  severityOf(event.alert.stage) !== 'critical';

/**
 * Deliveries of open alerts to a new or changed subscription: of all that match, or only of those that did not match before. Their
 * keys are new each time, so that subscribing again sends them again.
 */
export function listAlreadyOpen(
  open: readonly Alert[],
  { subscription, before, announcesAll }: Extract<Subscribed, { kind: 'subscribed' }>,
  { now, newId }: { readonly now: number; readonly newId: () => string },
): AlertDelivery[] {
  const subscribing = newId();
  return open
    .filter(
      (alert) =>
        matchesSubscription(subscription, alert) && (announcesAll || !before || !matchesSubscription(before, alert)),
    )
    .map(({ id: alertId }) => ({
      id: newId(),
      subscriptionId: subscription.id,
      key: `alreadyOpen ${alertId} ${subscribing}`,
      body: { kind: 'alert', alertId, event: 'alreadyOpen' },
      held: false,
      dueAt: now,
      attempts: 0,
    }));
}
