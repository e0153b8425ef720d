import { callNameOf } from '../cards/token-parts.ts';
import type { FormerAlerts } from '../cards/welcome-card.ts';
import { chosenConditions } from '../domain/alert.ts';
import type { AlertSubscriptions, TokenSnapshots } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import type { ConversationKind, Locale } from '../domain/turn.ts';
import { clockTime } from '../lib/time.ts';
import { type AlertsAsked, eventWords } from './alert-grammar.ts';
import { findTokens } from './alerts.ts';

const printed = {
  en: {
    on: 'alerts on',
    all: 'all',
    quiet: 'quiet',
    off: 'off',
    zone: 'zone',
    weekly: 'weekly',
    noWeekly: 'no weekly',
    events: 'all events',
  },
  'zh-CN': {
    on: '提醒 开启',
    all: '全部',
    quiet: '免打扰',
    off: '关闭',
    zone: '时区',
    weekly: '周报',
    noWeekly: '不要周报',
    events: '全部事件',
  },
} as const;

/** Everything but the target as somebody would type it. `readAlertsOn` reads the same from it. */
export function printSettings({ events, quiet, timeZone, weekly }: AlertsAsked, locale: Locale = 'en'): string {
  const words = printed[locale];
  const isEvery = events?.length === chosenConditions.length;
  const hours = quiet === undefined || quiet === 'off' ? undefined : `${clockTime(quiet.from)}-${clockTime(quiet.to)}`;
  return [
    ...(events === undefined ? [] : isEvery ? [words.events] : events.map((event) => eventWords[event][locale][0])),
    ...(quiet === undefined ? [] : [words.quiet, hours ?? words.off]),
    ...(timeZone === undefined ? [] : [hours === undefined ? `${words.zone} ${timeZone}` : timeZone]),
    ...(weekly === undefined ? [] : [weekly ? words.weekly : words.noWeekly]),
  ].join(' ');
}

/** The target as somebody would type it, where nothing else of it could be taken for a setting. */
export function printTarget(target: AlertsAsked['target'], locale: Locale = 'en'): string {
  if (target === undefined) return '';
  if (target.kind === 'all') return printed[locale].all;
  return target.name.includes('"') ? target.name : `"${target.name}"`;
}

/** The whole command as somebody would type it. */
export const printAlertsOn = (asked: AlertsAsked, locale: Locale): string =>
  [printed[locale].on, printTarget(asked.target, locale), printSettings(asked, locale)]
    .filter((part) => part !== '')
    .join(' ');

interface FindFormerParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'findByConversation'>;
  readonly snapshots: Pick<TokenSnapshots, 'listOfTenant'>;
}

const mostNames = 3;

/** Finds a conversation's subscription of before the bot was removed from it, as commands that bring it back. */
export function createFindFormer({ subscriptions, snapshots }: FindFormerParts) {
  return async (
    conversationId: string,
    { locale, conversationKind }: { readonly locale: Locale; readonly conversationKind: ConversationKind },
  ): Promise<FormerAlerts | undefined> => {
    const former = await subscriptions.findByConversation(conversationId);
    if (former?.removedAt === undefined) return undefined;
    const settings = settingsOf(former, conversationKind);
    const print = (asked: AlertsAsked) => printAlertsOn(asked, locale);
    const by = former.owner.name;
    if (former.scope === 'all') return { by, lines: [print({ ...settings, target: { kind: 'all' } })] };
    if (former.scope.length > mostNames) return { by, lines: [print(settings)], tokens: former.scope.length };
    const all = (await snapshots.listOfTenant(former.tenantId)).map(({ token }) => ({ token }));
    const names = namesOf(former.scope, all, locale);
    // Those after the first are added to it, with the same settings.
    const lines = names.map((name, index) => print({ ...(index === 0 && settings), target: { kind: 'name', name } }));
    return { by, lines };
  };
}

function settingsOf({ events, quiet, timeZone, weeklyAt }: AlertSubscription, kind: ConversationKind): AlertsAsked {
  const isEvery = events.length === chosenConditions.length;
  return {
    ...(!isEvery && { events }),
    ...(quiet && { quiet }),
    ...((quiet || weeklyAt !== undefined) && { timeZone }),
    // A personal chat has the weekly digest unless it is left out.
    ...(kind === 'personal' && weeklyAt === undefined && { weekly: false }),
  };
}

export function namesOf(
  ids: readonly string[],
  all: readonly { readonly token: VppToken }[],
  locale: Locale,
): string[] {
  const tokens = all.map(({ token }) => token);
  const known = new Map(findTokens(ids, all).map((token) => [token.id, token]));
  return ids.map((id) => {
    const token = known.get(id);
    return token ? callNameOf(token, tokens, locale) : id;
  });
}
