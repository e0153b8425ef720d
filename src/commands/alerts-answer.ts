import { personName } from '../cards/style.ts';
import { type SubscriptionCardData, subscriptionCard, summaryOfSubscriptionCard } from '../cards/subscription-card.ts';
import { tokenLabels, tokenNames } from '../cards/token-names.ts';
import { type Alert, chosenConditions } from '../domain/alert.ts';
import type { TokenSnapshot } from '../domain/alert-repositories.ts';
import { covers, type Sight, type Subscribed, type SubscriptionRequest } from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import type { CardReply, Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';

type Notice = SubscriptionCardData['notices'][number];
type Snapshots = readonly Pick<TokenSnapshot, 'token'>[];

export interface SubscribedAnswer {
  readonly wish: SubscriptionRequest;
  readonly sight: Sight;
  readonly subscribed: Subscribed;
  /** Every open alert of the tenant. */
  readonly open: readonly Alert[];
  /** How many of them are told at once. */
  readonly told: number;
  /** The one said by name. */
  readonly token?: VppToken;
  readonly snapshots: Snapshots;
  readonly isMonitoring: boolean;
}

/** What became of `alerts on`, for everybody in the conversation. */
export function answerSubscribed(turn: Turn, answer: SubscribedAnswer): Reply {
  const { subscribed, sight, snapshots, open } = answer;
  if (subscribed.kind === 'leftAlone') {
    const { alerts } = textsFor(turn.locale);
    const person = personName(subscribed.before.owner.name, turn.locale);
    return {
      kind: 'text',
      text: subscribed.why === 'hidden' ? alerts.hidden(person) : alerts.otherOrganisation(person),
    };
  }
  const known = [...sight.tokens.map((token) => ({ token })), ...snapshots];
  return drawSubscription(turn, {
    subscription: subscribed.subscription,
    snapshots: known,
    open,
    heading: subscribed.before ? 'changed' : 'on',
    notices: noticesOf(turn, answer, subscribed),
    zoneFrom: subscribed.zoneFrom,
  });
}

export interface Shown extends Pick<SubscriptionCardData, 'subscription' | 'heading' | 'notices' | 'zoneFrom'> {
  /** Every token that is known; of one that stands here twice the first counts. */
  readonly snapshots: Snapshots;
  /** Those that it does not cover are left out. */
  readonly open: readonly Alert[];
}

export function drawSubscription(turn: Turn, { snapshots, open, ...shown }: Shown): CardReply {
  const { locale, conversation } = turn;
  const { subscription } = shown;
  const listed = subscription.covers === 'all' ? [] : subscription.covers;
  const known = findTokens(listed, snapshots);
  const data: SubscriptionCardData = {
    ...{ locale, ...shown },
    conversationKind: conversation.kind,
    tokenNames: [...tokenLabels(known, turn).values()].sort(new Intl.Collator(locale, { numeric: true }).compare),
    // Before the first look nothing is known of any.
    goneTokens: snapshots.length === 0 ? 0 : listed.length - known.length,
    open: open.filter((alert) => covers(subscription, alert)),
  };
  return { kind: 'card', card: subscriptionCard(data), summary: summaryOfSubscriptionCard(data) };
}

/** The tokens of these ids, as far as they are known. */
export function findTokens(ids: readonly string[], snapshots: Snapshots): VppToken[] {
  const tokens = new Map(snapshots.toReversed().map(({ token }) => [token.id, token]));
  return ids.map((id) => tokens.get(id)).filter((token) => token !== undefined);
}

function noticesOf(
  { locale, conversation }: Turn,
  { wish, sight, told, token, isMonitoring }: SubscribedAnswer,
  { subscription, before, change }: Extract<Subscribed, { kind: 'subscribed' }>,
): Notice[] {
  const { alerts } = textsFor(locale);
  const say = (tone: Notice['tone'], text: string): Notice => ({ tone, text });
  const { covers: now, weeklyAt } = subscription;
  const isOfVisible = now !== 'all' && token === undefined && (change === 'replaced' || change === 'events');
  const title = token && tokenNames(token, locale).title;
  const isAdded = change === 'added' && title !== undefined;
  const wasCovered = isAdded && before?.covers.includes(token?.id ?? '');
  const isLessThanAll = before && !wish.events && subscription.events.length < chosenConditions.length;
  return [
    ...(isMonitoring ? [] : [say('attention', alerts.monitorOff)]),
    ...(isOfVisible && sight.extent === 'part' ? [say('warning', alerts.partial(now.length))] : []),
    ...(isOfVisible && sight.extent === 'unknown' ? [say('warning', alerts.unknownExtent(now.length))] : []),
    ...(isAdded ? [say('good', wasCovered ? alerts.already(title) : alerts.added(title))] : []),
    ...(isAdded && wish.events && now.length > 1 ? [say('plain', alerts.eventsOfAll(now.length))] : []),
    ...(isLessThanAll && change === 'replaced' ? [say('plain', alerts.eventsKept)] : []),
    ...(before?.covers === 'all' && now !== 'all' ? [say('warning', alerts.narrowed)] : []),
    ...(told > 0 ? [say('plain', alerts.follows(told))] : []),
    ...(!before && weeklyAt !== undefined && wish.weekly === undefined ? [say('plain', alerts.weeklyToo)] : []),
    ...(wish.weekly && conversation.kind !== 'personal' ? [say('warning', alerts.weeklyShared)] : []),
  ];
}
