import { type AlertAction, daysOf } from '../alerts/act-on-alert.ts';
import { type ActedOnSeveral, describeActed, listMeantAlerts, refuseActed } from '../alerts/open-alerts.ts';
import { alertTitle, alertWhat } from '../cards/alert-text.ts';
import { type Command, isAll } from '../dialogs/command.ts';
import type { CommandServices } from '../dialogs/dialogs.ts';
import { type Alert, type Condition, conditionStages } from '../domain/alert.ts';
import type { AuthorizedTurn } from '../domain/graph.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import { type Reply, type TextReply, type Turn, textReply } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { safeLine } from '../lib/text.ts';
import { findEvent } from './alert-grammar.ts';

/**
 * `alerts open`: what is open in this conversation, with buttons to take it. Needs no sign-in: everybody here sees these alerts anyway;
 * whoever presses a button signs in.
 */
export function createAlertsOpenCommand({ alerting }: CommandServices): Command {
  return {
    name: 'alertsOpen',
    words: [
      'alerts open',
      'alert open',
      'open alerts',
      '提醒 未解决',
      '提醒未解决',
      '提醒 未结',
      '提醒未结',
      '未解决的提醒',
    ],
    takes: 'nothing',
    writes: false,
    needs: 'nothing',
    run: (turn) => showOpen(alerting, turn),
  };
}

async function showOpen(
  { open }: CommandServices['alerting'],
  { conversation, locale }: Pick<Turn, 'conversation' | 'locale'>,
): Promise<Reply> {
  return (await open.show(conversation, { locale, page: 0 })) ?? textReply(textsFor(locale).alerts.none);
}

/**
 * `alerts acknowledge contoso`, `alerts snooze expiring 3`, `alerts undo all`: the buttons of alerts in words, for one alert by its id,
 * for those of a token or a condition, or for all that are open here. With them a press goes on after a sign-in elsewhere.
 */
export const createTakingCommands = (services: CommandServices): readonly Command[] => [
  takingCommand(services, {
    name: 'acknowledgeAlert',
    words: ['alerts acknowledge', '提醒 确认'],
    audits: 'acknowledge',
    read: (words) => ({ words, action: { kind: 'acknowledge' } }),
  }),
  takingCommand(services, {
    name: 'snoozeAlert',
    words: ['alerts snooze', '提醒 推迟'],
    audits: 'snooze',
    read(words) {
      const [, about, days] = /^(.*?)(?:(?:^|\s+)(\d{1,2})\s?(?:days?|天)?)?$/iu.exec(words) ?? [];
      return { words: about ?? '', action: { kind: 'snooze', days: daysOf(days) } };
    },
  }),
  takingCommand(services, {
    name: 'undoAlert',
    words: ['alerts undo', '提醒 撤销'],
    audits: 'undoAlert',
    read: (words) => ({ words, action: { kind: 'undo' } }),
  }),
];

interface Taking extends Pick<Command, 'name' | 'words'> {
  readonly audits: 'acknowledge' | 'snooze' | 'undoAlert';
  /** The alerts and the action that the words after the command mean. */
  readonly read: (words: string) => { readonly words: string; readonly action: AlertAction };
}

function takingCommand(services: CommandServices, { read, ...command }: Taking): Command {
  return {
    ...command,
    takes: 'text',
    isOfCards: true,
    writes: false,
    needs: 'graph',
    async run(turn, rest) {
      const { words, action } = read(rest.trim());
      const meant = await findMeant(services, turn, words);
      if ('reply' in meant) {
        await services.audit.record(turn, { action: command.audits, outcome: 'unresolved' });
        return meant.reply;
      }
      return answer(turn, action, await services.alerting.open.act(turn, meant.ids, action));
    },
  };
}

async function findMeant(
  { stores, alerting }: CommandServices,
  turn: AuthorizedTurn,
  words: string,
): Promise<{ readonly ids: readonly string[] } | { readonly reply: Reply }> {
  const { openAlerts, alerts } = textsFor(turn.locale);
  if (words === '') return { reply: await showOpen(alerting, turn) };
  // A press may be about an alert that has ended, or that no subscription of this conversation matches any more.
  if (await stores.alerts.find(words)) return { ids: [words] };
  const open = await alerting.open.list(turn.conversation);
  if (!open) return { reply: textReply(alerts.none) };
  const found = meantBy(words, open);
  const asked = safeLine(words);
  if ('several' in found) return { reply: textReply(openAlerts.several(asked, found.several)) };
  return found.ids.length === 0 ? { reply: textReply(openAlerts.nothingMeant(asked)) } : found;
}

function meantBy(
  words: string,
  open: readonly Alert[],
): { readonly ids: readonly string[] } | { readonly several: number } {
  if (isAll(words)) return { ids: listMeantAlerts(open, 'all') };
  const condition = findCondition(words);
  if (condition) return { ids: listMeantAlerts(open, condition) };
  const found = resolveToken(words, tokensOf(open));
  if (found.kind === 'several') return { several: found.tokens.length };
  if (found.kind !== 'one') return { ids: [] };
  return { ids: open.filter(({ tokenId }) => tokenId === found.token.id).map(({ id }) => id) };
}

/** A condition by the words of `alerts on`, or by its own name, which a press prints. */
const findCondition = (words: string): Condition | undefined =>
  conditions.find((condition) => condition === words) ?? findEvent(words.toLowerCase());

const conditions = Object.keys(conditionStages) as Condition[];

const tokensOf = (open: readonly Alert[]) => [
  ...new Map(open.flatMap(({ token }) => (token ? [[token.id, token] as const] : []))).values(),
];

function answer(turn: AuthorizedTurn, action: AlertAction, result: ActedOnSeveral): TextReply {
  const [only, ...others] = result.acted;
  if (only?.kind === 'done' && others.length === 0) return textReply(sayDone(turn, action, only.alert));
  const said = describeActed(turn, action, result);
  return said ? textReply(said.text) : refuseActed(turn, result);
}

function sayDone({ locale, at: now, timeZone }: Turn, action: AlertAction, alert: Alert): string {
  const texts = textsFor(locale).alert.answer;
  const title = alertTitle(alert, locale);
  if (action.kind === 'snooze') return texts.snoozed(title, action.days);
  const said = action.kind === 'acknowledge' ? texts.acknowledged : texts.undone;
  return said(title, alertWhat(alert, { locale, now, timeZone }));
}
