import { daysOf, refuseAct } from '../alerts/act-on-alert.ts';
import { alertTitle, alertWhat } from '../cards/alert-text.ts';
import { personName } from '../cards/style.ts';
import { type SubscriptionCardData, subscriptionCard, summaryOfSubscriptionCard } from '../cards/subscription-card.ts';
import { tokenLabels, tokenNames } from '../cards/token-names.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { type Alert, chosenConditions, type TokenSnapshot } from '../domain/alert.ts';
import {
  matchesSubscription,
  type Subscribed,
  type SubscriptionRequest,
  type VisibleTokens,
} from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import { type CardReply, conversationRoot, type Reply, type TextReply, type Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/** `alerts`: what this conversation is subscribed to, and how much of it is open. It tells nothing that is not told here anyway. */
export function createAlertsCommand({ stores, config }: CommandServices): Command {
  return {
    name: 'alerts',
    words: ['alerts', 'alert', '提醒'],
    takes: 'text',
    writes: false,
    needs: 'nothing',
    async run(turn, words) {
      const texts = textsFor(turn.locale).alerts;
      if (/[\p{L}\p{N}]/u.test(words)) return { kind: 'text', text: texts.unknown(safeLine(words)) };
      const subscription = await stores.subscriptions.findByConversation(conversationRoot(turn.conversation.id));
      if (!subscription || subscription.removedAt !== undefined) return { kind: 'text', text: texts.none };
      const { tenantId } = subscription;
      return drawSubscription(turn, {
        subscription,
        snapshots: await stores.snapshots.listOfTenant(tenantId),
        open: await stores.alerts.listOpen(tenantId),
        heading: 'shown',
        notices: config.monitor ? [] : [{ tone: 'attention', text: texts.monitorOff }],
        zoneFrom: 'kept',
      });
    },
  };
}

type Notice = SubscriptionCardData['notices'][number];
type Snapshots = readonly Pick<TokenSnapshot, 'token'>[];

interface SubscribedAnswer {
  readonly wish: SubscriptionRequest;
  readonly sight: VisibleTokens;
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

interface Shown extends Pick<SubscriptionCardData, 'subscription' | 'heading' | 'notices' | 'zoneFrom'> {
  /** Every token that is known; of one that stands here twice the first counts. */
  readonly snapshots: Snapshots;
  /** Those that it does not cover are left out. */
  readonly open: readonly Alert[];
}

function drawSubscription(turn: Turn, { snapshots, open, ...shown }: Shown): CardReply {
  const { locale, conversation } = turn;
  const { subscription } = shown;
  const listed = subscription.scope === 'all' ? [] : subscription.scope;
  const known = findTokens(listed, snapshots);
  const data: SubscriptionCardData = {
    ...{ locale, ...shown },
    conversationKind: conversation.kind,
    tokenNames: [...tokenLabels(known, turn).values()].sort(new Intl.Collator(locale, { numeric: true }).compare),
    // Before the first look nothing is known of any.
    goneTokens: snapshots.length === 0 ? 0 : listed.length - known.length,
    open: open.filter((alert) => matchesSubscription(subscription, alert)),
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
  const { scope: now, weeklyAt } = subscription;
  const isOfVisible = now !== 'all' && token === undefined && (change === 'replaced' || change === 'events');
  const title = token && tokenNames(token, locale).title;
  const isAdded = change === 'added' && title !== undefined;
  const wasCovered = isAdded && before?.scope.includes(token?.id ?? '');
  const isLessThanAll = before && !wish.events && subscription.events.length < chosenConditions.length;
  return [
    ...(isMonitoring ? [] : [say('attention', alerts.monitorOff)]),
    ...(isOfVisible && sight.extent === 'part' ? [say('warning', alerts.partial(now.length))] : []),
    ...(isOfVisible && sight.extent === 'unknown' ? [say('warning', alerts.unknownExtent(now.length))] : []),
    ...(isAdded ? [say('good', wasCovered ? alerts.already(title) : alerts.added(title))] : []),
    ...(isAdded && wish.events && now.length > 1 ? [say('plain', alerts.eventsOfAll(now.length))] : []),
    ...(isLessThanAll && change === 'replaced' ? [say('plain', alerts.eventsKept)] : []),
    ...(before?.scope === 'all' && now !== 'all' ? [say('warning', alerts.narrowed)] : []),
    ...(told > 0 ? [say('plain', alerts.follows(told))] : []),
    ...(!before && weeklyAt !== undefined && wish.weekly === undefined ? [say('plain', alerts.weeklyToo)] : []),
    ...(wish.weekly && conversation.kind !== 'personal' ? [say('warning', alerts.weeklyShared)] : []),
  ];
}

/** `alerts acknowledge <id>`: what Acknowledge on an alert's card stands for, when a sign-in ends away from that card. */
export function createAcknowledgeCommand({ alerting }: CommandServices): Command {
  return {
    name: 'acknowledgeAlert',
    words: ['alerts acknowledge', '提醒 确认'],
    takes: 'text',
    isOfCards: true,
    writes: false,
    audits: 'acknowledge',
    needs: 'graph',
    async run(turn, alertId) {
      const acted = await alerting.act.acknowledge(turn, alertId);
      return acted.kind === 'done' ? tell(sayAcknowledged(turn, acted.alert)) : refuseAct(turn, acted);
    },
  };
}

/** `alerts snooze <id> 3`: the same for Snooze. */
export function createSnoozeCommand({ alerting }: CommandServices): Command {
  return {
    name: 'snoozeAlert',
    words: ['alerts snooze', '提醒 推迟'],
    takes: 'text',
    isOfCards: true,
    writes: false,
    audits: 'snooze',
    needs: 'graph',
    async run(turn, words) {
      const [alertId = '', days] = words.split(' ');
      const acted = await alerting.act.snooze(turn, alertId, daysOf(days));
      if (acted.kind !== 'done') return refuseAct(turn, acted);
      const { told } = textsFor(turn.locale).alert;
      return tell(told.snoozed(alertTitle(acted.alert, turn.locale), daysOf(days)));
    },
  };
}

function sayAcknowledged({ locale, at }: Turn, alert: Alert): string {
  return textsFor(locale).alert.told.acknowledged(alertTitle(alert, locale), alertWhat(alert, at, locale));
}

const tell = (text: string): TextReply => ({ kind: 'text', text });
