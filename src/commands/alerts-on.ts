import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { listAlreadyOpen, type SubscriptionRequest, subscribe, visibleTokensOf } from '../domain/subscription.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { conversationRoot, type Locale, type Reply } from '../domain/turn.ts';
import { listVppTokens } from '../graph/vpp.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { safeLine } from '../lib/text.ts';
import { type AlertsAsked, type AlertsProblem, readAlertsOn } from './alert-grammar.ts';
import { answerSubscribed } from './alerts.ts';
import { printSettings } from './alerts-asked.ts';

/**
 * `alerts on [name|all] [events]`: subscribes this conversation, in the name of who asks, to tokens that Intune shows them. What is
 * open already is told at once. Asking again changes the subscription.
 */
export function createAlertsOnCommand(services: CommandServices): Command {
  return {
    name: 'alertsOn',
    words: [
      ...(['alerts on', 'alert on', '提醒 on', '提醒on'] as const),
      ...['提醒 开启', '提醒开启', '提醒 开', '提醒 打开', '提醒打开', '开启提醒', '打开提醒'],
    ],
    takes: 'text',
    asksWhich: true,
    writes: false,
    audits: 'alertsOn',
    needs: 'graph',
    async run(turn, words) {
      const read = readAlertsOn(words);
      if ('problem' in read) return tell(explainProblem(read.problem, turn.locale));
      const found = await findTarget(services, turn, read.asked);
      if ('reply' in found) {
        await services.audit.record(turn, { action: 'alertsOn', outcome: 'unresolved' });
        return found.reply;
      }
      if (found.tokens.length === 0) return tell(textsFor(turn.locale).resolve.noTokens);
      return put(services, turn, found);
    },
  };
}

interface Found {
  readonly wish: SubscriptionRequest;
  /** The token said by name. */
  readonly token?: VppToken;
  /** All that the person may see. */
  readonly tokens: readonly VppToken[];
}

async function findTarget(
  { findToken, config }: CommandServices,
  turn: AuthorizedTurn,
  { target, ...settings }: AlertsAsked,
): Promise<Found | { reply: Reply }> {
  if (target?.kind !== 'name') {
    const tokens = await listVppTokens(turn.graph, { beta: config.graphBeta });
    return { tokens, wish: target ? { ...settings, target: 'all' } : settings };
  }
  const suffix = printSettings(settings);
  const { on: actionTitle } = textsFor(turn.locale).alerts.actionTitle;
  const wanted = { command: 'alertsOn', asked: target.name, actionTitle, ...(suffix && { suffix }) };
  const found = await findToken(turn, wanted);
  return 'reply' in found ? found : { ...found, wish: { ...settings, target: { tokenId: found.token.id } } };
}

async function put(
  { stores, alerting, audit, config }: CommandServices,
  turn: AuthorizedTurn,
  { wish, token, tokens }: Found,
): Promise<Reply> {
  const { session, person, conversation, locale, timeZone, at } = turn;
  const snapshots = await stores.snapshots.listOfTenant(session.tenantId);
  const sight = visibleTokensOf(tokens, snapshots);
  const by = {
    ...{ person, locale, visible: sight },
    tenantId: session.tenantId,
    conversationId: conversationRoot(conversation.id),
    isPersonal: conversation.kind === 'personal',
    ...(timeZone !== undefined && { timeZone }),
  };
  const { subscribed, open, told } = await stores.inAlertTransaction(
    async ({ alerts, subscriptions, deliveries, tenants }) => {
      await tenants.lock(session.tenantId);
      const existing = await subscriptions.findByConversation(by.conversationId);
      const subscribed = subscribe(wish, by, existing, { now: at, newId: newOpaqueId });
      const open = await alerts.listOpen(session.tenantId);
      if (subscribed.kind === 'leftAlone') return { subscribed, open, told: 0 };
      await subscriptions.put(subscribed.subscription);
      const alreadyOpen = listAlreadyOpen(open, subscribed, { now: at, newId: newOpaqueId });
      await deliveries.addAll(alreadyOpen);
      return { subscribed, open, told: alreadyOpen.length };
    },
  );
  if (told > 0) alerting.wake();
  const about = token && { token: { id: token.id, name: tokenName(token) } };
  const left = subscribed.kind === 'leftAlone' ? { outcome: 'refused' as const, reason: subscribed.kind } : undefined;
  await audit.record(turn, { action: 'alertsOn', ...(left ?? { outcome: 'done' }), ...about });
  return answerSubscribed(turn, {
    ...{ wish, sight, subscribed, open, told },
    ...(token && { token }),
    snapshots,
    isMonitoring: config.monitor,
  });
}

const tell = (text: string): Reply => ({ kind: 'text', text });

/** Why nothing was done with what somebody said, and how to say it. */
function explainProblem(problem: AlertsProblem, locale: Locale): string {
  const words = textsFor(locale).alerts.problem;
  switch (problem.kind) {
    case 'twoTargets':
      return words.twoTargets(safeLine(problem.said));
    case 'twoNames':
      return words.twoNames(safeLine(problem.said), safeLine(problem.other));
    case 'noHours':
      return words.noHours;
    case 'sameHours':
      return words.sameHours;
    case 'noZone':
      return problem.near === undefined
        ? words.noZone(safeLine(problem.said))
        : words.nearZone(safeLine(problem.said), safeLine(problem.near));
  }
}
