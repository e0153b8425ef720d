import { isDeepStrictEqual } from 'node:util';
import type { Locale, Person } from '../turn.ts';
import { type ChosenCondition, chosenConditions } from './condition.ts';
import { nextWeekly } from './quiet-hours.ts';
import type { Sight } from './sight.ts';
import type { AlertSubscription, QuietHours } from './subscription.ts';

/** What somebody asks for; what they did not say is absent. */
export interface Wish {
  readonly target?: 'all' | { readonly tokenId: string };
  readonly events?: readonly ChosenCondition[];
  readonly quiet?: QuietHours | 'off';
  readonly timeZone?: string;
  readonly weekly?: boolean;
}

export interface Subscriber {
  readonly person: Person;
  /** Of their session. */
  readonly tenantId: string;
  /** Without the thread. */
  readonly conversationId: string;
  readonly isPersonal: boolean;
  readonly locale: Locale;
  /** As Teams told it. */
  readonly timeZone?: string;
  readonly sight: Sight;
}

/** `added`: a token to those of a list. `events`: those alone. `settings`: neither tokens nor conditions. `replaced`: anything else. */
export type Change = 'replaced' | 'added' | 'events' | 'settings';
export type ZoneFrom = 'said' | 'kept' | 'client' | 'none';

export type Subscribed =
  | {
      readonly kind: 'subscribed';
      readonly subscription: AlertSubscription;
      /** What it was before, when there was one. */
      readonly before?: AlertSubscription;
      readonly change: Change;
      readonly zoneFrom: ZoneFrom;
      /** Everything open that it covers is to be told, not only what it did not cover before. */
      readonly tellsAll: boolean;
    }
  /** A colleague's subscription stays as it is: it is for what this person may not see, or of another tenant. */
  | { readonly kind: 'leftAlone'; readonly why: 'hidden' | 'otherTenant'; readonly before: AlertSubscription };

/**
 * The subscription that a wish leads to. Without a target it is for every token that the person sees: for later ones too, when they
 * see all there are. A token said by name is added to a list, and takes the place of all. What is not said stays as it
 * was; `alerts on` alone begins anew with all conditions.
 */
export function subscribe(
  wish: Wish,
  by: Subscriber,
  existing: AlertSubscription | undefined,
  at: { readonly now: number; readonly newId: () => string },
): Subscribed {
  const before = existing?.removedAt === undefined ? existing : undefined;
  if (before && before.tenantId !== by.tenantId) return { kind: 'leftAlone', why: 'otherTenant', before };
  const change = changeOf(wish, before);
  const isOthers = before && before.owner.aadObjectId !== by.person.aadObjectId;
  const keepsWhatIsTold = change === 'settings' || (change === 'added' && !wish.events);
  if (isOthers && !keepsWhatIsTold && hides(by.sight, before.covers))
    return { kind: 'leftAlone', why: 'hidden', before };

  const { timeZone, zoneFrom } = zoneFor(wish, by, before);
  const quiet = wish.quiet === 'off' ? undefined : (wish.quiet ?? before?.quiet);
  const hasWeekly = by.isPersonal && (wish.weekly ?? (before ? before.weeklyAt !== undefined : true));
  const keeper = keepsWhatIsTold ? before : undefined;
  const covers = coversFor(wish, by.sight, before, change);
  // With nothing said at all it begins anew.
  const isAnew = change === 'replaced' && wish.target === undefined;
  const events = wish.events ?? (isAnew ? undefined : before?.events) ?? chosenConditions;
  const isSame = before && isDeepStrictEqual([before.covers, before.events], [covers, events]);
  return {
    kind: 'subscribed',
    subscription: {
      id: before?.id ?? at.newId(),
      tenantId: by.tenantId,
      conversationId: by.conversationId,
      owner: keeper?.owner ?? by.person,
      locale: keeper?.locale ?? by.locale,
      covers,
      events,
      ...(quiet && { quiet }),
      timeZone,
      ...(hasWeekly && { weeklyAt: nextWeekly(at.now, timeZone) }),
      createdAt: before?.createdAt ?? at.now,
    },
    ...(before && { before }),
    change,
    zoneFrom,
    tellsAll:
      !before ||
      before.suspended !== undefined ||
      (change === 'replaced' && typeof wish.target !== 'object' && !isSame),
  };
}

function changeOf({ target, ...rest }: Wish, before: AlertSubscription | undefined): Change {
  if (!before) return 'replaced';
  if (target !== undefined) return typeof target === 'object' && before.covers !== 'all' ? 'added' : 'replaced';
  if (rest.events) return 'events';
  return Object.keys(rest).length > 0 ? 'settings' : 'replaced';
}

function coversFor({ target }: Wish, { tokens, extent }: Sight, before: AlertSubscription | undefined, change: Change) {
  const visible = extent === 'whole' ? 'all' : tokens.map(({ id }) => id);
  if (typeof target === 'object') {
    const listed = change === 'added' && before && before.covers !== 'all' ? before.covers : [];
    return [...new Set([...listed, target.tokenId])];
  }
  if (!before || change === 'replaced') return visible;
  // Who may not see them all any more is not told of all.
  return change === 'events' && before.covers === 'all' ? visible : before.covers;
}

const hides = ({ extent, hiddenIds }: Sight, covers: AlertSubscription['covers']): boolean =>
  covers === 'all' ? extent !== 'whole' : covers.some((id) => hiddenIds.has(id));

/** Hours are meant on the clock of who says them. */
function zoneFor(
  wish: Wish,
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
