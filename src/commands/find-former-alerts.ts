import type { FormerAlerts } from '../cards/welcome-card.ts';
import { chosenConditions } from '../domain/alert.ts';
import type { AlertSubscriptions, TokenSnapshots } from '../domain/alert-repositories.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import type { ConversationKind, Locale } from '../domain/turn.ts';
import { findTokens } from './alerts-answer.ts';
import { type AlertsAsked, printAlertsOn } from './alerts-asked.ts';
import { callNameOf } from './renew.ts';

export interface FindFormerParts {
  readonly subscriptions: Pick<AlertSubscriptions, 'findOf'>;
  readonly snapshots: Pick<TokenSnapshots, 'listOfTenant'>;
}

const mostNames = 3;

/** What a conversation was subscribed to before the bot was removed from it, as the words that subscribe it so again. */
export function createFindFormer({ subscriptions, snapshots }: FindFormerParts) {
  return async (
    conversationId: string,
    { locale, conversationKind }: { readonly locale: Locale; readonly conversationKind: ConversationKind },
  ): Promise<FormerAlerts | undefined> => {
    const former = await subscriptions.findOf(conversationId);
    if (former?.removedAt === undefined) return undefined;
    const settings = settingsOf(former, conversationKind);
    const print = (asked: AlertsAsked) => printAlertsOn(asked, locale);
    const by = former.owner.name;
    if (former.covers === 'all') return { by, lines: [print({ ...settings, target: { kind: 'all' } })] };
    if (former.covers.length > mostNames) return { by, lines: [print(settings)], tokens: former.covers.length };
    const all = (await snapshots.listOfTenant(former.tenantId)).map(({ token }) => ({ token }));
    const names = namesOf(former.covers, all, locale);
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

function namesOf(ids: readonly string[], all: readonly { readonly token: VppToken }[], locale: Locale): string[] {
  const tokens = all.map(({ token }) => token);
  const known = new Map(findTokens(ids, all).map((token) => [token.id, token]));
  return ids.map((id) => {
    const token = known.get(id);
    return token ? callNameOf(token, tokens, { locale }) : id;
  });
}
