import { daysOf, refuseAct } from '../alerts/act-on-alert.ts';
import { alertTitle, alertWhat } from '../cards/alert-text.ts';
import { type SubscriptionCardData, subscriptionCard, summaryOfSubscriptionCard } from '../cards/subscription-card.ts';
import { tokenLabels } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import type { Alert, TokenSnapshot } from '../domain/alert.ts';
import { matchesSubscription } from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import { type CardReply, conversationRoot, type Turn, textReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';

/**
 * `alerts`: this conversation's subscription, and how much of it is open. Needs no sign-in: everybody here sees these alerts
 * anyway.
 */
export function createAlertsCommand({ stores, config }: CommandServices): Command {
  return {
    name: 'alerts',
    words: ['alerts', 'alert', '提醒'],
    takes: 'text',
    writes: false,
    needs: 'nothing',
    async run(turn, words) {
      const texts = textsFor(turn.locale).alerts;
      if (/[\p{L}\p{N}]/u.test(words)) return textReply(texts.unknown(safeLine(words)));
      const subscription = await stores.subscriptions.findByConversation(conversationRoot(turn.conversation.id));
      if (!subscription || subscription.removedAt !== undefined) return textReply(texts.none);
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

/** `alerts acknowledge <id>`: the Acknowledge button of an alert's card, in words that go on after a sign-in elsewhere. */
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
      const acted = await alerting.act.act(turn, alertId, { kind: 'acknowledge' });
      if (acted.kind !== 'done') return refuseAct(turn, acted);
      const { locale, at } = turn;
      const { answer } = textsFor(locale).alert;
      return textReply(answer.acknowledged(alertTitle(acted.alert, locale), alertWhat(acted.alert, at, locale)));
    },
  };
}

/** `alerts snooze <id> 3`: the Snooze button, the same way. */
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
      const acted = await alerting.act.act(turn, alertId, { kind: 'snooze', days: daysOf(days) });
      if (acted.kind !== 'done') return refuseAct(turn, acted);
      const { answer } = textsFor(turn.locale).alert;
      return textReply(answer.snoozed(alertTitle(acted.alert, turn.locale), daysOf(days)));
    },
  };
}

/** `alerts undo <id>`: the Undo button, the same way. */
export function createUndoCommand({ alerting }: CommandServices): Command {
  return {
    name: 'undoAlert',
    words: ['alerts undo', '提醒 撤销'],
    takes: 'text',
    isOfCards: true,
    writes: false,
    audits: 'undoAlert',
    needs: 'graph',
    async run(turn, alertId) {
      const acted = await alerting.act.act(turn, alertId, { kind: 'undo' });
      if (acted.kind !== 'done') return refuseAct(turn, acted);
      const { locale, at } = turn;
      const { answer } = textsFor(locale).alert;
      return textReply(answer.undone(alertTitle(acted.alert, locale), alertWhat(acted.alert, at, locale)));
    },
  };
}

export type Snapshots = readonly Pick<TokenSnapshot, 'token'>[];

interface SubscriptionView extends Pick<SubscriptionCardData, 'subscription' | 'heading' | 'notices' | 'zoneFrom'> {
  /** Every token that is known. Of two with the same id the first counts. */
  readonly snapshots: Snapshots;
  /** Every open alert of the tenant: those that the subscription does not match are left out. */
  readonly open: readonly Alert[];
}

export function drawSubscription(turn: Turn, { snapshots, open, ...view }: SubscriptionView): CardReply {
  const { locale, conversation } = turn;
  const { subscription } = view;
  const listed = subscription.scope === 'all' ? [] : subscription.scope;
  const known = findTokens(listed, snapshots);
  const data: SubscriptionCardData = {
    ...view,
    locale,
    conversationKind: conversation.kind,
    tokenNames: [...tokenLabels(known, turn).values()].sort(new Intl.Collator(locale, { numeric: true }).compare),
    // Before monitoring has read the tenant once, no token is known.
    goneTokens: snapshots.length === 0 ? 0 : listed.length - known.length,
    open: open.filter((alert) => matchesSubscription(subscription, alert)),
  };
  return { kind: 'card', card: subscriptionCard(data), summary: summaryOfSubscriptionCard(data) };
}

/** The tokens with these ids, as far as they are known. */
export function findTokens(ids: readonly string[], snapshots: Snapshots): VppToken[] {
  const tokens = new Map(snapshots.toReversed().map(({ token }) => [token.id, token]));
  return ids.map((id) => tokens.get(id)).filter((token) => token !== undefined);
}
