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
export function createAlertsCommand(services: CommandServices): Command {
  const { stores, config } = services;
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
      return drawSubscription(services, turn, {
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

/** `digest now`: the weekly digest of this conversation's alerts at once, in any kind of conversation. Needs no sign-in, like `alerts`. */
export function createDigestCommand({ stores, alerting }: CommandServices): Command {
  return {
    name: 'digest',
    words: ['digest now', 'digest', 'weekly digest now', 'alerts digest', '立即摘要', '摘要', '立即发送摘要'],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    async run({ conversation, locale }) {
      const subscription = await stores.subscriptions.findByConversation(conversationRoot(conversation.id));
      if (!subscription || subscription.removedAt !== undefined) return textReply(textsFor(locale).alerts.none);
      const drawn = await alerting.drawDigest({ subscription: { ...subscription, locale }, conversation });
      return { kind: 'card', ...drawn };
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

export async function drawSubscription(
  { alerting }: Pick<CommandServices, 'alerting'>,
  turn: Turn,
  { snapshots, open, ...view }: SubscriptionView,
): Promise<CardReply> {
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
    recordId: await alerting.open.record(conversation, locale),
  };
  return { kind: 'card', card: subscriptionCard(data), summary: summaryOfSubscriptionCard(data) };
}

/** The tokens with these ids, as far as they are known. */
export function findTokens(ids: readonly string[], snapshots: Snapshots): VppToken[] {
  const tokens = new Map(snapshots.toReversed().map(({ token }) => [token.id, token]));
  return ids.map((id) => tokens.get(id)).filter((token) => token !== undefined);
}
