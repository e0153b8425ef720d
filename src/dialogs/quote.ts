import type { AlertCardRecord, CardRecord, ListRecord, TokenCardRecord } from '../domain/card-record.ts';
import { conversationRoot, type Turn } from '../domain/turn.ts';
import type { Command } from './command.ts';
import { type Parsed, parseLine } from './command.ts';
import type { Services } from './services.ts';

/** The card of ours that a message quotes. */
export type Quoted =
  | { readonly kind: 'question'; readonly record: CardRecord }
  /** A token's card, or an alert's. */
  | { readonly kind: 'token'; readonly tokenId: string; readonly alertId?: string };

/** Finds the card that a turn's message quotes, in its own conversation; undefined when it quotes none, or no question and no single token. */
export function createFindQuoted({ stores }: Services): (turn: Turn) => Promise<Quoted | undefined> {
  const { records, subscriptions, alerts, alertRepositories } = stores;

  async function findQuotedAlert(conversationId: string, messageId: string): Promise<Quoted | undefined> {
    const subscription = await subscriptions.findByConversation(conversationId);
    const shown = subscription ? await alertRepositories.messages.listOn(subscription.id, messageId) : [];
    if (shown.some(({ shared }) => shared) && shown.length > 1) return undefined;
    const [alert] = (await alerts.list(shown.map(({ alertId }) => alertId))).sort((a, b) => b.openedAt - a.openedAt);
    return alert && { kind: 'token', tokenId: alert.tokenId, alertId: alert.id };
  }

  return async ({ quotedId, conversation }) => {
    if (quotedId === undefined) return undefined;
    const conversationId = conversationRoot(conversation.id);
    const record = await records.findByCard(conversationId, quotedId);
    switch (record?.kind) {
      case 'choice':
      case 'plan':
        return { kind: 'question', record };
      case 'tokenCard': {
        const { tokenId } = record.payload as TokenCardRecord;
        // A receipt may carry an alert.
        return (await findQuotedAlert(conversationId, quotedId)) ?? { kind: 'token', tokenId };
      }
      case 'alert':
        return { kind: 'token', ...(record.payload as AlertCardRecord) };
      case 'list': {
        const { tokenId } = record.payload as ListRecord;
        return tokenId === undefined ? undefined : { kind: 'token', tokenId };
      }
      case 'openAlerts':
      case 'alertSettings':
      case 'batch':
        return undefined;
      case undefined:
        return findQuotedAlert(conversationId, quotedId);
    }
  };
}

/** "sync it", with the quoted card in view. */
const pronoun = /^(?:(?:it|this|that)(?: (?:one|token))?|它|这个(?:令牌)?|该令牌)(?=$|\s)\s*/iu;

/** A line that names no token is about the token of the card that it quotes, as the card's own button would be. */
export function aboutQuoted(parsed: Parsed, quoted: Quoted | undefined, commands: readonly Command[]): Parsed {
  if (quoted?.kind !== 'token') return parsed;
  const { tokenId, alertId } = quoted;
  const call = parsed.kind === 'miss' && alertId !== undefined ? parseAct(parsed.text, commands) : parsed;
  if (call?.kind !== 'call') return parsed;
  const { command } = call;
  const rest = call.rest.replace(pronoun, '');
  if (command.isOfCards && command.takes === 'text') return { ...call, rest: [alertId, rest].join(' ').trim() };
  const takesToken = tokenId !== '' && command.needs === 'graph' && (command.takes === 'token' || command.asksWhich);
  const isNamed = rest !== '' && !command.suffixes?.test(rest);
  return takesToken && !isNamed ? { ...call, rest: `${tokenId} ${rest}`.trim() } : parsed;
}

/** "acknowledge" and "snooze 3" alone are an alert's buttons. */
function parseAct(line: string, commands: readonly Command[]): Parsed | undefined {
  return ['alerts', '提醒']
    .map((word) => parseLine(`${word} ${line}`, commands))
    .find((parsed) => parsed.kind === 'call' && parsed.command.isOfCards);
}
