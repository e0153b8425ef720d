import { findOpenAlertsPage, listShown, openAlertsCard, summaryOfOpenAlertsCard } from '../cards/open-alerts-card.ts';
import type { Tone } from '../cards/render.ts';
import type { Alert } from '../domain/alert.ts';
import type { AlertRepositories } from '../domain/alert-repositories.ts';
import type { CardRecords, OpenAlertsRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { matchesSubscription } from '../domain/subscription.ts';
import {
  type CardReply,
  type ConversationReference,
  conversationRoot,
  isTargeted,
  type Locale,
  type TextReply,
  type Turn,
  textReply,
} from '../domain/turn.ts';
import type { Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import { joinSentences } from '../lib/text.ts';
import { dayMs } from '../lib/time.ts';
import { type Acted, type ActOnAlert, type AlertAction, type RefusedAct, refuseAct } from './act-on-alert.ts';

interface OpenAlertsParts {
  readonly runtime: Runtime;
  readonly records: CardRecords;
  readonly repositories: AlertRepositories;
  readonly acts: ActOnAlert;
}

interface Shown {
  readonly locale: Locale;
  /** Counted from 0. */
  readonly page: number;
  readonly notice?: { readonly text: string; readonly tone: Tone };
}

/** The open alerts of a conversation: those that its subscription matches. */
export interface OpenAlerts {
  /** Undefined where no alerts are on. */
  list(conversation: ConversationReference): Promise<readonly Alert[] | undefined>;
  /** Draws a page of them, and stores the record behind its buttons. Undefined where no alerts are on. */
  show(conversation: ConversationReference, shown: Shown): Promise<CardReply | undefined>;
  /** Stores the record of a button that leads to them from another card, and resolves to its id. */
  record(conversation: ConversationReference, locale: Locale): Promise<string>;
  /** Acts on these as the person of the turn, the first hundred of them; each needs the person's own right to read its token. */
  act(turn: AuthorizedTurn, alertIds: readonly string[], action: AlertAction): Promise<ActedOnSeveral>;
}

export interface ActedOnSeveral {
  readonly acted: readonly Acted[];
  /** How many were left for another time. */
  readonly more: number;
}

/** As long as the cards of alerts. */
export const alertCardExpiresMs = 180 * dayMs;

/** Each takes a transaction and an entry in the audit, and Teams waits 5 s for the answer to a press. */
const mostAtOnce = 100;

/** Stores what the buttons of a card of open alerts, or the button that leads there, stand for, and resolves to its id. */
export async function recordOpenAlerts(
  { runtime, records }: Pick<OpenAlertsParts, 'runtime' | 'records'>,
  conversation: ConversationReference,
  payload: OpenAlertsRecord,
): Promise<string> {
  const createdAt = runtime.now();
  const id = newOpaqueId();
  await records.add({
    id,
    kind: 'openAlerts',
    conversationId: conversationRoot(conversation.id),
    isTargeted: isTargeted(conversation),
    payload,
    createdAt,
    expiresAt: createdAt + alertCardExpiresMs,
  });
  return id;
}

export function createOpenAlerts({ runtime, records, repositories, acts }: OpenAlertsParts): OpenAlerts {
  const { now } = runtime;
  const { alerts, subscriptions } = repositories;

  async function find(conversation: ConversationReference) {
    const subscription = await subscriptions.findByConversation(conversationRoot(conversation.id));
    if (!subscription || subscription.removedAt !== undefined) return undefined;
    const open = await alerts.listOpen(subscription.tenantId);
    return { open: open.filter((alert) => matchesSubscription(subscription, alert)), timeZone: subscription.timeZone };
  }

  return {
    list: async (conversation) => (await find(conversation))?.open,
    async show(conversation, { locale, page: asked, notice }) {
      const found = await find(conversation);
      if (!found) return undefined;
      const { open, timeZone } = found;
      const page = findOpenAlertsPage(open, asked, locale);
      const recordId = await recordOpenAlerts({ runtime, records }, conversation, {
        page: page.page,
        which: page.which,
        rows: listShown(page).map(({ tokenId }) => tokenId),
        locale,
      });
      const data = { locale, now: now(), timeZone, page, recordId, ...(notice && { notice }) };
      return { kind: 'card', card: openAlertsCard(data), summary: summaryOfOpenAlertsCard(data), recordId };
    },
    record: (conversation, locale) =>
      recordOpenAlerts({ runtime, records }, conversation, { page: 0, which: [], rows: [], locale }),
    async act(turn, alertIds, action) {
      const [only, ...others] = alertIds;
      if (only === undefined) return { acted: [], more: 0 };
      if (others.length === 0) return { acted: [await acts.act(turn, only, action)], more: 0 };
      const acted = await acts.actOnAll(turn, alertIds.slice(0, mostAtOnce), action);
      return { acted, more: Math.max(0, alertIds.length - mostAtOnce) };
    },
  };
}

/** Those of the open alerts that `which` means: `all`, a condition, or an alert's id. */
export const listMeantAlerts = (open: readonly Alert[], which: string): string[] =>
  open.filter(({ id, condition }) => which === 'all' || which === condition || which === id).map(({ id }) => id);

/** What was done about several alerts and what was not, in one or two sentences; undefined when nothing was. */
export function describeActed(
  { locale }: Pick<Turn, 'locale'>,
  action: AlertAction,
  { acted, more }: ActedOnSeveral,
): { readonly text: string; readonly tone: Tone } | undefined {
  const { openAlerts } = textsFor(locale);
  const done = acted.filter(({ kind }) => kind === 'done').length;
  if (done === 0) return undefined;
  const said =
    action.kind === 'snooze' ? openAlerts.done.snooze(done, action.days) : openAlerts.done[action.kind](done);
  const left = describeLeft(locale, acted);
  const rest = more > 0 ? openAlerts.more(more) : '';
  return { text: joinSentences(said, left, rest), tone: left === '' ? 'good' : 'warning' };
}

/** Says why nothing was done about any of them. */
export function refuseActed(turn: Pick<Turn, 'locale'>, { acted }: ActedOnSeveral): TextReply {
  const [only, ...others] = acted;
  if (only && only.kind !== 'done' && others.length === 0) return refuseAct(turn, only);
  return textReply(describeLeft(turn.locale, acted));
}

function describeLeft(locale: Locale, acted: readonly Acted[]): string {
  const { openAlerts, list } = textsFor(locale);
  const { sentence, ...reasons } = openAlerts.left;
  const left = acted.flatMap(({ kind }) => (kind === 'done' ? [] : [leftReason(kind)]));
  const parts = [...new Set(left)].map((reason) => reasons[reason](left.filter((each) => each === reason).length));
  return parts.length === 0 ? '' : sentence(parts.join(list.separator));
}

function leftReason(kind: RefusedAct): keyof Omit<Texts['openAlerts']['left'], 'sentence'> {
  switch (kind) {
    case 'gone':
    case 'deleted':
    case 'otherTenant':
    case 'busy':
      return 'other';
    default:
      return kind;
  }
}
