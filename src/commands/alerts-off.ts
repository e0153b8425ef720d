import { personName } from '../cards/render.ts';
import { tokenNames } from '../cards/token-parts.ts';
import { type Command, isAll } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import type { AlertSubscription } from '../domain/subscription.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { conversationRoot, type Reply, type Turn, textReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { findTokens } from './alerts.ts';

/**
 * `alerts off [name]`: ends this conversation's alerts, or takes one token out of them. Needs no right in Intune: whoever gets alerts
 * may end them, and everybody there sees who did.
 */
export function createAlertsOffCommand(services: CommandServices): Command {
  return {
    name: 'alertsOff',
    words: [
      'alerts off',
      'alert off',
      '提醒 off',
      '提醒off',
      '提醒 关闭',
      '提醒关闭',
      '提醒 关',
      '关闭提醒',
      '取消提醒',
    ],
    takes: 'token',
    asksWhich: true,
    writes: false,
    audits: 'alertsOff',
    needs: 'nothing',
    async run(turn, asked) {
      const subscription = await services.stores.subscriptions.findByConversation(
        conversationRoot(turn.conversation.id),
      );
      const { alerts } = textsFor(turn.locale);
      if (!subscription || subscription.removedAt !== undefined) return refuse(services, turn, 'notOn', alerts.notOn);
      if (asked === '' || isAll(asked)) return end(services, turn, subscription);
      if (subscription.scope === 'all') return refuse(services, turn, 'coversAll', alerts.oneOfAll(safeLine(asked)));
      const tokens = await listCovered(services, subscription.scope, subscription.tenantId);
      const found = resolveToken(asked, tokens);
      if (found.kind === 'one') return takeOut(services, turn, subscription, found.token);
      await services.audit.record(turn, { action: 'alertsOff', outcome: 'unresolved' });
      if (found.kind === 'none') return textReply(alerts.notInList(safeLine(asked)));
      const question = { command: 'alertsOff', asked, actionTitle: alerts.actionTitle.off };
      return services.choose.ask(turn, question, found.tokens, found.kind);
    },
  };
}

/** Says why nothing was ended, and records the attempt. */
async function refuse({ audit }: CommandServices, turn: Turn, reason: string, text: string): Promise<Reply> {
  await audit.record(turn, { action: 'alertsOff', outcome: 'refused', reason });
  return textReply(text);
}

async function end(
  { stores, audit }: CommandServices,
  turn: Turn,
  { conversationId }: AlertSubscription,
): Promise<Reply> {
  await stores.subscriptions.erase(conversationId);
  await audit.record(turn, { action: 'alertsOff', outcome: 'done' });
  const { alerts } = textsFor(turn.locale);
  return textReply(
    turn.conversation.kind === 'personal' ? alerts.endedOwn : alerts.ended(personName(turn.person.name, turn.locale)),
  );
}

/** Deleted ones too. A token that monitoring has not read yet has no name here: then only its id means it. */
async function listCovered({ stores }: CommandServices, ids: readonly string[], tenantId: string): Promise<VppToken[]> {
  const { snapshots } = stores;
  const known = findTokens(ids, [
    ...(await snapshots.listOfTenant(tenantId)),
    ...(await snapshots.listDeleted(tenantId)),
  ]);
  const names = new Set(known.map(({ id }) => id));
  const nameless = ids.filter((id) => !names.has(id)).map((id) => ({ id, state: '', lastSyncStatus: '' }));
  return [...known, ...nameless];
}

async function takeOut(
  services: CommandServices,
  turn: Turn,
  { conversationId }: AlertSubscription,
  token: VppToken,
): Promise<Reply> {
  const { locale, conversation, person } = turn;
  const { alerts } = textsFor(locale);
  const left = await services.stores.inAlertTransaction(async ({ subscriptions }) => {
    const current = await subscriptions.findByConversation(conversationId);
    if (!current || current.scope === 'all') return undefined;
    const scope = current.scope.filter((id) => id !== token.id);
    if (scope.length > 0) await subscriptions.put({ ...current, scope });
    return { subscription: current, count: scope.length };
  });
  if (!left) return refuse(services, turn, 'notOn', alerts.notOn);
  if (left.count === 0) return end(services, turn, left.subscription);
  const about = { id: token.id, name: tokenName(token) };
  await services.audit.record(turn, { action: 'alertsOff', outcome: 'done', token: about });
  const { title } = tokenNames(token, locale);
  return textReply(
    conversation.kind === 'personal'
      ? alerts.takenOut(title, left.count)
      : alerts.takenOutBy(personName(person.name, locale), title, left.count),
  );
}
