import { isDeepStrictEqual } from 'node:util';
import { newOpaqueId } from '../lib/ids.ts';
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
  readonly scope: 'all' | readonly string[];
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

type SubscriptionScope = Pick<AlertSubscription, 'tenantId' | 'scope' | 'events'>;

/** Whether a conversation wants to hear of an alert. That its tenant is not looked at any more concerns every conversation. */
export function matchesSubscription(wish: SubscriptionScope, { tenantId, tokenId, condition }: Alert): boolean {
  if (tenantId !== wish.tenantId) return false;
  if (condition === 'monitoringBroken') return true;
  return wish.events.includes(condition) && (wish.scope === 'all' || wish.scope.includes(tokenId));
}

/** What somebody asks for; what they did not say is absent. */
export interface SubscriptionRequest {
  readonly target?: 'all' | { readonly tokenId: string };
  readonly events?: readonly ChosenCondition[];
  readonly quiet?: QuietHours | 'off';
  readonly timeZone?: string;
  readonly weekly?: boolean;
}

interface Subscriber {
  readonly person: Person;
  /** Of their session. */
  readonly tenantId: string;
  /** Without the thread. */
  readonly conversationId: string;
  readonly isPersonal: boolean;
  readonly locale: Locale;
  /** As Teams told it. */
  readonly timeZone?: string;
  readonly visible: VisibleTokens;
}

/** `added`: a token to those of a list. `events`: those alone. `settings`: neither tokens nor conditions. `replaced`: anything else. */
type Change = 'replaced' | 'added' | 'events' | 'settings';
type ZoneFrom = 'said' | 'kept' | 'client' | 'none';

export type Subscribed =
  | {
      readonly kind: 'subscribed';
      readonly subscription: AlertSubscription;
      /** What it was before, when there was one. */
      readonly before?: AlertSubscription;
      readonly change: Change;
      readonly zoneFrom: ZoneFrom;
      /** Everything open that it covers is to be told, not only what it did not cover before. */
      readonly announcesAll: boolean;
    }
  /** A colleague's subscription stays as it is: it is for what this person may not see, or of another tenant. */
  | { readonly kind: 'leftAlone'; readonly why: 'hidden' | 'otherTenant'; readonly before: AlertSubscription };

/**
 * The subscription that a wish leads to. Without a target it is for every token that the person sees: for later ones too, when they
 * see all there are. A token said by name is added to a list, and takes the place of all. What is not said stays as it
 * was; `alerts on` alone begins anew with all conditions.
 */
export function subscribe(
  wish: SubscriptionRequest,
  by: Subscriber,
  existing: AlertSubscription | undefined,
  at: { readonly now: number; readonly newId: () => string },
): Subscribed {
  const before = existing?.removedAt === undefined ? existing : undefined;
  if (before && before.tenantId !== by.tenantId) return { kind: 'leftAlone', why: 'otherTenant', before };
  const change = changeOf(wish, before);
  const isOthers = before && before.owner.aadObjectId !== by.person.aadObjectId;
  const keepsWhatIsTold = change === 'settings' || (change === 'added' && !wish.events);
  if (isOthers && !keepsWhatIsTold && hides(by.visible, before.scope))
    return { kind: 'leftAlone', why: 'hidden', before };

  const { timeZone, zoneFrom } = zoneFor(wish, by, before);
  const quiet = wish.quiet === 'off' ? undefined : (wish.quiet ?? before?.quiet);
  const hasWeekly = by.isPersonal && (wish.weekly ?? (before ? before.weeklyAt !== undefined : true));
  const keeper = keepsWhatIsTold ? before : undefined;
  const covers = coversFor(wish, by.visible, before, change);
  // With nothing said at all it begins anew.
  const isAnew = change === 'replaced' && wish.target === undefined;
  const events = wish.events ?? (isAnew ? undefined : before?.events) ?? chosenConditions;
  const isSame = before && isDeepStrictEqual([before.scope, before.events], [covers, events]);
  return {
    kind: 'subscribed',
    subscription: {
      id: before?.id ?? at.newId(),
      tenantId: by.tenantId,
      conversationId: by.conversationId,
      owner: keeper?.owner ?? by.person,
      locale: keeper?.locale ?? by.locale,
      scope: covers,
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
      (change === 'replaced' && typeof wish.target !== 'object' && !isSame),
  };
}

function changeOf({ target, ...rest }: SubscriptionRequest, before: AlertSubscription | undefined): Change {
  if (!before) return 'replaced';
  if (target !== undefined) return typeof target === 'object' && before.scope !== 'all' ? 'added' : 'replaced';
  if (rest.events) return 'events';
  return Object.keys(rest).length > 0 ? 'settings' : 'replaced';
}

function coversFor(
  { target }: SubscriptionRequest,
  { tokens, extent }: VisibleTokens,
  before: AlertSubscription | undefined,
  change: Change,
) {
  const visible = extent === 'whole' ? 'all' : tokens.map(({ id }) => id);
  if (typeof target === 'object') {
    const listed = change === 'added' && before && before.scope !== 'all' ? before.scope : [];
    return [...new Set([...listed, target.tokenId])];
  }
  if (!before || change === 'replaced') return visible;
  // Who may not see them all any more is not told of all.
  return change === 'events' && before.scope === 'all' ? visible : before.scope;
}

const hides = ({ extent, hiddenIds }: VisibleTokens, covers: AlertSubscription['scope']): boolean =>
  covers === 'all' ? extent !== 'whole' : covers.some((id) => hiddenIds.has(id));

/** Hours are meant on the clock of who says them. */
function zoneFor(
  wish: SubscriptionRequest,
  by: Subscriber,
  before: AlertSubscription | undefined,
): { readonly timeZone: string; readonly zoneFrom: ZoneFrom } {
  if (wish.timeZone !== undefined) return { timeZone: wish.timeZone, zoneFrom: 'said' };
  const saysHours = wish.quiet !== undefined && wish.quiet !== 'off';
  if (before && (!saysHours || by.timeZone === undefined)) return { timeZone: before.timeZone, zoneFrom: 'kept' };
  return by.timeZone === undefined
    ? { timeZone: 'UTC', zoneFrom: 'none' }
    : { timeZone: by.timeZone, zoneFrom: 'client' };
}

/** What a person may see of their tenant's tokens. */
export interface VisibleTokens {
  readonly tokens: readonly VppToken[];
  /** `unknown`: monitoring has not looked yet, so nobody can tell whether these are all. */
  readonly extent: 'whole' | 'part' | 'unknown';
  /** Those that monitoring saw and the person does not see. */
  readonly hiddenIds: ReadonlySet<string>;
}

/** Compares what Graph shows a person with what monitoring saw last. A token deleted since then counts as hidden until it looks again. */
export function visibleTokensOf(
  tokens: readonly VppToken[],
  snapshots: readonly Pick<TokenSnapshot, 'token'>[],
): VisibleTokens {
  const visible = new Set(tokens.map(({ id }) => id));
  const hiddenIds = new Set(snapshots.map(({ token }) => token.id).filter((id) => !visible.has(id)));
  const extent = snapshots.length === 0 ? 'unknown' : hiddenIds.size === 0 ? 'whole' : 'part';
  return { tokens, extent, hiddenIds };
}

/**
 * When quiet hours that `now` lies in end; undefined outside them. Clocks on the wall decide: an hour that they show twice is quiet both
 * times, and where they leap over the end it is there that they leap. Hours that end as they begin are none.
 */
export function quietUntil(now: number, { from, to }: QuietHours, timeZone: string): number | undefined {
  const local = createLocalTime(timeZone);
  const minute = local.minuteOfDayAt(now);
  const isQuiet = from <= to ? from <= minute && minute < to : minute >= from || minute < to;
  return isQuiet ? local.nextAt(now, to) : undefined;
}

const monday = 1;
const eightOClock = 8 * 60;

/** The next Monday 08:00 there, later than `now`. */
export function nextWeekly(now: number, timeZone: string): number {
  const local = createLocalTime(timeZone);
  let at = local.nextAt(now + 1, eightOClock);
  while (local.weekdayAt(at) !== monday) at = local.nextAt(at + 1, eightOClock);
  return at;
}

/**
 * One delivery for every event and every subscription that covers its alert, in the order of the events. During quiet hours what
 * would sound, or may (`returned`), and is not critical is held until they end; edits notify nobody and go out at once, and so does what
 * a person has just asked for (`alreadyOpen`).
 */
export function planDeliveries(
  events: readonly AlertEvent[],
  subscriptions: readonly AlertSubscription[],
  now: number,
  newId: () => string,
): AlertDelivery[] {
  return subscriptions.flatMap((subscription) => {
    const covered = events.filter(({ alert }) => matchesSubscription(subscription, alert));
    if (covered.length === 0) return [];
    const { id: subscriptionId, quiet, timeZone } = subscription;
    const quietEnd = quiet && quietUntil(now, quiet, timeZone);
    return covered.map((event) => {
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
  (isAnnounced(event) || event.kind === 'returned') &&
  event.kind !== 'alreadyOpen' &&
  severityOf(event.alert.stage) !== 'critical';

/**
 * What is open already and is to be told to who has just subscribed: all of it, or what they were not told of before. Each time
 * somebody subscribes these are other deliveries, whatever was told earlier.
 */
export function listAlreadyOpen(
  open: readonly Alert[],
  { subscription, before, announcesAll }: Extract<Subscribed, { kind: 'subscribed' }>,
  now: number,
): AlertDelivery[] {
  const subscribing = newOpaqueId();
  return open
    .filter(
      (alert) =>
        matchesSubscription(subscription, alert) && (announcesAll || !before || !matchesSubscription(before, alert)),
    )
    .map(({ id: alertId }) => ({
      id: newOpaqueId(),
      subscriptionId: subscription.id,
      key: `alreadyOpen ${alertId} ${subscribing}`,
      body: { kind: 'alert', alertId, event: 'alreadyOpen' },
      held: false,
      dueAt: now,
      attempts: 0,
    }));
}
