import { nodesOf } from '../support/nodes-of.ts';
import type { Seen } from './whole-bot.ts';

export interface Button {
  readonly verb: string;
  readonly id: string;
}

/** The actions that a message of the bot offers. */
export interface SentCard {
  readonly conversationId: string;
  readonly buttons: readonly Button[];
  /** Ids of the sign-ins it asks for. */
  readonly signIns: readonly string[];
}

export function readSentCard({ url, body }: Seen): SentCard | undefined {
  const conversationId = /\/v3\/conversations\/([^/]+)\//.exec(url)?.[1];
  if (conversationId === undefined || body === '') return undefined;
  const nodes = [...nodesOf(JSON.parse(body))];
  const buttons = nodes.flatMap(({ type, verb, data }) => {
    const id = (data as { id?: unknown } | undefined)?.id;
    return type === 'Action.Execute' && typeof verb === 'string' && typeof id === 'string' ? [{ verb, id }] : [];
  });
  const signIns = nodes.flatMap(({ tokenExchangeResource }) => {
    const id = (tokenExchangeResource as { id?: unknown } | undefined)?.id;
    return typeof id === 'string' ? [id] : [];
  });
  return { conversationId: decodeURIComponent(conversationId), buttons, signIns };
}
