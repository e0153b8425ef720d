import { isDeepStrictEqual } from 'node:util';
import { alertCardExpiresMs } from '../alerts/open-alerts.ts';
import {
  alertSettingsCard,
  allTokensChoice,
  mostTokenChoices,
  summaryOfAlertSettingsCard,
} from '../cards/alert-settings-card.ts';
import { personName } from '../cards/render.ts';
import { tokenLabels } from '../cards/token-parts.ts';
import type { Command } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { type ChosenCondition, chosenConditions } from '../domain/alert.ts';
import type { AlertSettingsRecord } from '../domain/card-record.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import {
  type AlertSubscription,
  chooseTokens,
  type QuietHours,
  type SubscriptionRequest,
} from '../domain/subscription.ts';
import type { VppToken } from '../domain/token.ts';
import { conversationRoot, isTargeted, type Reply, type Turn, textReply } from '../domain/turn.ts';
import { listConnectors } from '../graph/connectors.ts';
import type { Texts } from '../i18n/en.ts';
import { textsFor } from '../i18n/texts.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { cleanText, safeLine } from '../lib/text.ts';
import { findTimeZone, findTimeZoneOfCity } from '../lib/time.ts';
import { subscribeConversation } from './alerts-on.ts';

/**
 * `alerts settings`: what `alerts on` can say, as a form with the values that are set here. Saving it is `alerts on` as whoever presses:
 * each token that is new to the alerts must be one that Intune shows them.
 */
export function createAlertSettingsCommand(services: CommandServices): Command {
  return {
    name: 'alertsSettings',
    words: ['alerts settings', 'alert settings', '提醒 设置', '提醒设置'],
    takes: 'nothing',
    writes: false,
    needs: 'graph',
    async run(turn) {
      const { tokens, before } = await readSettings(services, turn);
      if (tokens.length === 0) return textReply(textsFor(turn.locale).resolve.noTokens);
      if (before && before.tenantId !== turn.session.tenantId) {
        const person = personName(before.owner.name, turn.locale);
        return textReply(textsFor(turn.locale).alerts.otherOrganisation(person));
      }
      return drawForm(services, turn, tokens, before);
    },
    form: {
      async save(turn, shown, inputs) {
        const { tokens, before } = await readSettings(services, turn);
        if (tokens.length === 0) return textReply(textsFor(turn.locale).resolve.noTokens);
        const read = readForm(turn, { shown, inputs, tokens, ...(before && { before }) });
        if ('request' in read) return subscribeConversation(services, turn, { request: read.request, tokens });
        await services.audit.record(turn, { action: 'alertsOn', outcome: 'unresolved' });
        return textReply(read.refusal);
      },
    },
  };
}

/** All tokens that the person may see, and what is on in the conversation. */
async function readSettings({ stores, config }: CommandServices, { graph, conversation }: AuthorizedTurn) {
  const [tokens, stored] = await Promise.all([
    listConnectors(graph, { beta: config.graphBeta }),
    stores.subscriptions.findByConversation(conversationRoot(conversation.id)),
  ]);
  return { tokens, before: stored?.removedAt === undefined ? stored : undefined };
}

async function drawForm(
  { stores, runtime }: CommandServices,
  turn: Turn,
  tokens: readonly VppToken[],
  before: AlertSubscription | undefined,
): Promise<Reply> {
  const { locale, conversation } = turn;
  const scope = before?.scope ?? 'all';
  const isCovered = ({ id }: VppToken) => scope !== 'all' && scope.includes(id);
  const names = tokenLabels(tokens, turn);
  const nameOf = ({ id }: VppToken) => names.get(id) ?? id;
  const { compare } = new Intl.Collator(locale, { numeric: true });
  // Where not all have room, those that are covered can be taken out, and others are typed.
  const choosable = tokens.length <= mostTokenChoices ? tokens : tokens.filter(isCovered);
  const shown = choosable.toSorted((a, b) => compare(nameOf(a), nameOf(b))).slice(0, mostTokenChoices);
  const createdAt = runtime.now();
  const recordId = newOpaqueId();
  await stores.records.add({
    id: recordId,
    kind: 'alertSettings',
    conversationId: conversationRoot(conversation.id),
    isTargeted: isTargeted(conversation),
    payload: { tokenIds: shown.map(({ id }) => id) } satisfies AlertSettingsRecord,
    createdAt,
    expiresAt: createdAt + alertCardExpiresMs,
  });
  const data = {
    locale,
    conversationKind: conversation.kind,
    tokens: shown.map((token) => ({ name: nameOf(token), isCovered: isCovered(token) })),
    coversAll: scope === 'all',
    unshown: scope === 'all' ? 0 : scope.length - shown.filter(isCovered).length,
    hasMore: shown.length < tokens.length,
    events: before?.events ?? chosenConditions,
    ...(before?.quiet && { quiet: before.quiet }),
    timeZone: zoneOf(turn, before),
    weekly: before ? before.weeklyAt !== undefined : true,
    isOn: before !== undefined,
    recordId,
  };
  return { kind: 'card', card: alertSettingsCard(data), summary: summaryOfAlertSettingsCard(data), recordId };
}

/** The one that is set, unless it is the UTC of somebody whose Teams gave none and who has set no hours by it. */
function zoneOf({ timeZone }: Turn, before: AlertSubscription | undefined): string {
  const isSet = before && (before.timeZone !== 'UTC' || before.quiet !== undefined);
  return isSet ? before.timeZone : (timeZone ?? 'UTC');
}

interface Filled {
  readonly shown: AlertSettingsRecord;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** All that the presser may see. */
  readonly tokens: readonly VppToken[];
  readonly before?: AlertSubscription;
}

interface Refused {
  readonly refusal: string;
}

type Words = Texts['alertSettings'];

/** The request that the inputs mean, without what is set so already; or the one field that is wrong, and how to fix it. */
function readForm({ locale }: Turn, filled: Filled): { readonly request: SubscriptionRequest } | Refused {
  const words = textsFor(locale).alertSettings;
  const { inputs, before } = filled;
  const target = readTokens(words, filled);
  if ('refusal' in target) return target;
  const events = readEvents(words, inputs);
  if ('refusal' in events) return events;
  const quiet = readQuiet(words, inputs);
  if ('refusal' in quiet) return quiet;
  const zone = readZone(words, inputs);
  if ('refusal' in zone) return zone;
  const timeZone = zone.timeZone ?? before?.timeZone;
  const weekly = textOf(inputs.weekly);
  return {
    request: {
      ...(target.target === 'all' && before?.scope === 'all' ? {} : { target: target.target }),
      ...(isDeepStrictEqual(events.events, before?.events ?? chosenConditions) ? {} : { events: events.events }),
      ...(isDeepStrictEqual(quiet.quiet, before?.quiet ?? 'off') ? {} : { quiet: quiet.quiet }),
      ...(timeZone !== undefined && { timeZone }),
      ...(weekly !== '' && { weekly: weekly === 'true' }),
    },
  };
}

function readTokens(
  { label, refused }: Words,
  { shown, inputs, tokens, before }: Filled,
): { readonly target: NonNullable<SubscriptionRequest['target']> } | Refused {
  const picked = listOf(inputs.tokens, /,/);
  const names = listOf(inputs.add, /[,，、;；\n]/);
  if (picked.includes(allTokensChoice)) {
    const isAlone = picked.length === 1 && names.length === 0;
    return isAlone ? { target: 'all' } : { refusal: refused.allAndOthers(label.tokens) };
  }
  const scope = before?.scope ?? [];
  const chosen: string[] = [];
  for (const number of picked) {
    const id = shown.tokenIds[Number(number) - 1] ?? '';
    const isCovered = scope !== 'all' && scope.includes(id);
    if (!isCovered && tokens.every((token) => token.id !== id)) return { refusal: refused.hidden(label.tokens) };
    chosen.push(id);
  }
  for (const name of names) {
    const found = resolveToken(name, tokens);
    if (found.kind === 'several') return { refusal: refused.several(label.add, safeLine(name), found.tokens.length) };
    if (found.kind !== 'one') return { refusal: refused.noName(label.add, safeLine(name)) };
    chosen.push(found.token.id);
  }
  const target = { chosen, shown: shown.tokenIds };
  return chooseTokens(target, scope).length > 0 ? { target } : { refusal: refused.noTokens(label.tokens) };
}

function readEvents(
  { label, refused }: Words,
  inputs: Filled['inputs'],
): { readonly events: readonly ChosenCondition[] } | Refused {
  const picked = listOf(inputs.events, /,/);
  const events = chosenConditions.filter((condition) => picked.includes(condition));
  return events.length > 0 ? { events } : { refusal: refused.noEvents(label.events) };
}

function readQuiet(
  { label, refused }: Words,
  inputs: Filled['inputs'],
): { readonly quiet: QuietHours | 'off' } | Refused {
  if (textOf(inputs.quiet) !== 'true') return { quiet: 'off' };
  const from = minutesOf(inputs.from);
  if (from === undefined) return { refusal: refused.noTime(label.from) };
  const to = minutesOf(inputs.until);
  if (to === undefined) return { refusal: refused.noTime(label.until) };
  return from === to ? { refusal: refused.sameTime(label.until) } : { quiet: { from, to } };
}

/** Clients send the time of an `Input.Time` as `07:05`. */
function minutesOf(value: unknown): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)(?::\d\d)?$/.exec(textOf(value)) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

function readZone({ label, refused }: Words, inputs: Filled['inputs']): { readonly timeZone?: string } | Refused {
  const said = textOf(inputs.zone);
  if (said === '') return {};
  const timeZone = findTimeZone(said);
  if (timeZone !== undefined) return { timeZone };
  const near = findTimeZoneOfCity(said);
  const shown = safeLine(said);
  return { refusal: near ? refused.nearZone(label.zone, shown, near) : refused.noZone(label.zone, shown) };
}

/** Longer texts are no answer to any of the questions. */
const longestInput = 2_000;

const textOf = (value: unknown): string => (typeof value === 'string' ? cleanText(value.slice(0, longestInput)) : '');

const listOf = (value: unknown, separator: RegExp): string[] =>
  textOf(value)
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
