import { isDeepStrictEqual } from 'node:util';
import { personName } from '../cards/render.ts';
import type { SubscriptionCardData } from '../cards/subscription-card.ts';
import { tokenNames } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { type Alert, chosenConditions } from '../domain/alert.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import {
  type AlertSubscription,
  listAlreadyOpen,
  matchesSubscription,
  type Subscribed,
  type SubscriptionRequest,
  subscribe,
  type VisibleTokens,
  visibleTokensOf,
} from '../domain/subscription.ts';
import { tokenName, type VppToken } from '../domain/token.ts';
import { conversationRoot, type Locale, type Reply, type Turn, textReply } from '../domain/turn.ts';
import { listConnectors } from '../graph/connectors.ts';
import { formats } from '../i18n/formats.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { safeLine } from '../lib/text.ts';
import { type AlertsAsked, type AlertsProblem, readAlertsOn } from './alert-grammar.ts';
import { drawSubscription, type Snapshots } from './alerts.ts';
import { namesOf, printAlertsOn, printSettings } from './print-alerts-on.ts';

/**
 * `alerts on [name|all] [events]`: subscribes this conversation, in the name of the person, to tokens that Intune shows them. Alerts
 * that are open already are posted at once. Asking again changes the subscription.
 */
export function createAlertsOnCommand(services: CommandServices): Command {
  return {
    name: 'alertsOn',
    words: [
      'alerts on',
      'alert on',
      '提醒 on',
      '提醒on',
      '提醒 开启',
      '提醒开启',
      '提醒 开',
      '提醒 打开',
      '提醒打开',
      '开启提醒',
      '打开提醒',
    ],
    takes: 'text',
    asksWhich: true,
    alone: { words: ['weekly', '周报', '每周摘要'], is: 'offered' },
    writes: false,
    audits: 'alertsOn',
    needs: 'graph',
    async run(turn, words) {
      const read = readAlertsOn(words);
      if ('problem' in read) return textReply(explainProblem(read.problem, turn.locale));
      const found = await findTarget(services, turn, read.asked);
      if ('reply' in found) {
        await services.audit.record(turn, { action: 'alertsOn', outcome: 'unresolved' });
        return found.reply;
      }
      if (found.tokens.length === 0) return textReply(textsFor(turn.locale).resolve.noTokens);
      return subscribeConversation(services, turn, found);
    },
  };
}

interface Target {
  readonly request: SubscriptionRequest;
  /** The token asked for by name. */
  readonly token?: VppToken;
  /** All that the person may see. */
  readonly tokens: readonly VppToken[];
}

async function findTarget(
  { findToken, config }: CommandServices,
  turn: AuthorizedTurn,
  { target, ...settings }: AlertsAsked,
): Promise<Target | { reply: Reply }> {
  if (target?.kind !== 'name') {
    const tokens = await listConnectors(turn.graph, { beta: config.graphBeta });
    return { tokens, request: target ? { ...settings, target: 'all' } : settings };
  }
  const suffix = printSettings(settings);
  const { on: actionTitle } = textsFor(turn.locale).alerts.actionTitle;
  const wanted = { command: 'alertsOn', asked: target.name, actionTitle, ...(suffix && { suffix }) };
  const found = await findToken(turn, wanted);
  if ('reply' in found) return found;
  const tokens = await listConnectors(turn.graph, { beta: config.graphBeta });
  return { token: found.token, tokens, request: { ...settings, target: { tokenId: found.token.id } } };
}

/** Subscribes the conversation as the person of the turn, with all that `alerts on` does. */
export async function subscribeConversation(
  services: CommandServices,
  turn: AuthorizedTurn,
  { request, token, tokens }: Target,
): Promise<Reply> {
  const { stores, alerting, audit, config } = services;
  const { session, person, conversation, locale, timeZone, at } = turn;
  const snapshots = await stores.snapshots.listOfTenant(session.tenantId);
  const visible = visibleTokensOf(tokens, snapshots);
  const by = {
    person,
    locale,
    visible,
    tenantId: session.tenantId,
    conversationId: conversationRoot(conversation.id),
    isPersonal: conversation.kind === 'personal',
    ...(timeZone !== undefined && { timeZone }),
  };
  const { subscribed, open, announced } = await stores.inAlertTransaction(
    async ({ alerts, subscriptions, deliveries, tenants }) => {
      await tenants.lock(session.tenantId);
      const existing = await subscriptions.findByConversation(by.conversationId);
      const subscribed = subscribe(request, by, existing, { now: at, newId: newOpaqueId });
      const open = await alerts.listOpen(session.tenantId);
      if (subscribed.kind === 'leftAlone') return { subscribed, open, announced: 0 };
      await subscriptions.put(subscribed.subscription);
      const alreadyOpen = listAlreadyOpen(open, subscribed, { now: at, newId: newOpaqueId });
      await deliveries.addAll(alreadyOpen);
      return { subscribed, open, announced: alreadyOpen.length };
    },
  );
  if (announced > 0) alerting.wake();
  await audit.record(turn, {
    action: 'alertsOn',
    ...(subscribed.kind === 'leftAlone' ? { outcome: 'refused', reason: subscribed.kind } : { outcome: 'done' }),
    ...(token && { token: { id: token.id, name: tokenName(token) } }),
  });
  return answerSubscribed(services, turn, {
    request,
    visible,
    subscribed,
    open,
    announced,
    snapshots,
    isMonitoring: config.monitor,
    ...(token && { token }),
  });
}

interface Answer {
  readonly request: SubscriptionRequest;
  readonly visible: VisibleTokens;
  readonly subscribed: Subscribed;
  /** Every open alert of the tenant. */
  readonly open: readonly Alert[];
  /** How many of them are posted at once. */
  readonly announced: number;
  /** The token asked for by name. */
  readonly token?: VppToken;
  readonly snapshots: Snapshots;
  readonly isMonitoring: boolean;
}

async function answerSubscribed(services: CommandServices, turn: Turn, answer: Answer): Promise<Reply> {
  const { subscribed, visible, snapshots, open } = answer;
  if (subscribed.kind === 'leftAlone') {
    const { alerts } = textsFor(turn.locale);
    const person = personName(subscribed.before.owner.name, turn.locale);
    return textReply(subscribed.why === 'hidden' ? alerts.hidden(person) : alerts.otherOrganisation(person));
  }
  return drawSubscription(services, turn, {
    subscription: subscribed.subscription,
    snapshots: [...visible.tokens.map((each) => ({ token: each })), ...snapshots],
    open,
    heading: subscribed.before ? 'changed' : 'on',
    notices: noticesOf(turn, answer, subscribed),
    zoneFrom: subscribed.zoneFrom,
  });
}

type Notice = SubscriptionCardData['notices'][number];

function noticesOf(
  { locale, conversation }: Turn,
  { request, visible, announced, token, isMonitoring, open, snapshots }: Answer,
  { subscription, before, change }: Extract<Subscribed, { kind: 'subscribed' }>,
): Notice[] {
  const { alerts } = textsFor(locale);
  const say = (tone: Notice['tone'], text: string): Notice => ({ tone, text });
  const { scope, weeklyAt } = subscription;
  const isOfVisible =
    scope !== 'all' && typeof request.target !== 'object' && (change === 'replaced' || change === 'events');
  const title = token && tokenNames(token, locale).title;
  const isAdded = change === 'added' && title !== undefined;
  const wasCovered = isAdded && before?.scope.includes(token?.id ?? '');
  const leftOut = change === 'settings' ? 0 : countLeftOut(subscription, open, token);
  const former = before && describeFormer(before, { subscription, change, locale, visible, snapshots });
  const isForm = typeof request.target === 'object' && 'chosen' in request.target;
  const isLessThanAll = before && !isForm && !request.events && subscription.events.length < chosenConditions.length;
  return [
    ...(isMonitoring ? [] : [say('attention', alerts.monitorOff)]),
    ...(isOfVisible && visible.extent === 'part' ? [say('warning', alerts.partial(scope.length))] : []),
    ...(isOfVisible && visible.extent === 'unknown' ? [say('warning', alerts.unknownExtent(scope.length))] : []),
    ...(isAdded ? [say('good', wasCovered ? alerts.already(title) : alerts.added(title))] : []),
    ...(isAdded && request.events && scope.length > 1 ? [say('plain', alerts.eventsOfAll(scope.length))] : []),
    ...(isLessThanAll && change !== 'settings' ? [say('plain', alerts.eventsKept)] : []),
    ...(leftOut > 0 ? [say('warning', alerts.leftOut(leftOut))] : []),
    ...(former === undefined ? [] : [say('warning', former)]),
    ...(announced > 0 ? [say('plain', alerts.follows(announced))] : []),
    ...(!before && weeklyAt !== undefined && request.weekly === undefined ? [say('plain', alerts.weeklyToo)] : []),
    ...(request.weekly && conversation.kind !== 'personal' ? [say('warning', alerts.weeklyShared)] : []),
  ];
}

/** How many open alerts of the tokens asked for are not among the conditions that were chosen. */
function countLeftOut(subscription: AlertSubscription, open: readonly Alert[], token: VppToken | undefined): number {
  const every = { ...subscription, events: chosenConditions };
  return open.filter(
    (alert) =>
      (!token || alert.tokenId === token.id) &&
      matchesSubscription(every, alert) &&
      !matchesSubscription(subscription, alert),
  ).length;
}

interface Changed extends Pick<Answer, 'visible' | 'snapshots'> {
  readonly subscription: AlertSubscription;
  readonly change: Extract<Subscribed, { kind: 'subscribed' }>['change'];
  readonly locale: Locale;
}

/** More commands than this would be needed to have a list of tokens again. */
const mostCommands = 3;

/** The subscription before, if this one replaced its tokens or dropped some conditions, and the words that bring it back. */
function describeFormer(before: AlertSubscription, changed: Changed): string | undefined {
  const { subscription, change, locale, visible, snapshots } = changed;
  const { alerts, alert } = textsFor(locale);
  const hasTokens = change === 'replaced' && !isDeepStrictEqual(before.scope, subscription.scope);
  const hasEvents = before.events.some((event) => !subscription.events.includes(event));
  if (!hasTokens && !hasEvents) return undefined;
  if (before.scope === 'all' && !hasEvents) return alerts.narrowed;
  const { scope, events } = before;
  const seen = new Set(visible.tokens.map(({ id }) => id));
  const known = [
    ...visible.tokens.map((token) => ({ token })),
    ...snapshots.filter(({ token }) => !seen.has(token.id)),
  ];
  const names = scope === 'all' ? [] : namesOf(scope.slice(0, mostCommands), known, locale);
  const isEvery = events.length === chosenConditions.length;
  const print = (asked: AlertsAsked) => `“${printAlertsOn({ ...asked, events }, locale)}”`;
  const commands = () => {
    if (!hasTokens) return [print({})];
    if (scope === 'all') return [print({ target: { kind: 'all' } })];
    return scope.length > mostCommands ? [] : names.map((name) => print({ target: { kind: 'name', name } }));
  };
  return alerts.former(
    scope === 'all' ? alerts.allTokens : scope.length > mostCommands ? alerts.someTokens(scope.length) : and(names),
    isEvery ? alerts.everyEvent : and(events.map((event) => alert.name[event])),
    and(commands()),
  );

  function and(words: readonly string[]): string {
    return formats[locale].and([...words]);
  }
}

/** Why nothing was done with the words, and how to say it. */
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
