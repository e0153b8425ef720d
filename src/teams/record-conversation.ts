import type { Conversations } from '../domain/alert-repositories.ts';
import { conversationRoot } from '../domain/turn.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Background } from '../lib/worker.ts';
import type { Inbound } from './inbound.ts';

export interface RecordConversationParts {
  readonly conversations: Conversations;
  /** The bot was removed from a conversation: no alert goes there until somebody subscribes anew. */
  readonly markRemoved: (conversationId: string, at: number) => Promise<void>;
  /** Called with every conversation that an activity came from, without its thread: alerts that Teams refused may go there again. */
  readonly onHeard: (conversationId: string) => Promise<void>;
  readonly background: Background;
  readonly runtime: Runtime;
}

/**
 * Records where each admitted activity came from, so that the bot can post there unasked, at the address that Teams named last. Erases
 * it when the bot is removed: from a team with all its channels. Never rejects, because no answer depends on it.
 */
export function createRecordConversation(parts: RecordConversationParts): (inbound: Inbound) => Promise<void> {
  const { conversations, markRemoved, onHeard, background, runtime } = parts;
  const { now, log } = runtime;

  async function erase(id: string, tenantId: string, teamId: string | undefined): Promise<void> {
    const others = teamId === undefined ? [] : await conversations.listIdsOfTeam(tenantId, teamId);
    for (const each of new Set([id, ...others])) {
      await markRemoved(each, now());
      await conversations.erase(each);
    }
  }

  async function record({ kind, conversation, person, teamId }: Inbound): Promise<void> {
    if (!conversation) return;
    const id = conversationRoot(conversation.id);
    if (kind === 'botRemoved') return erase(id, conversation.tenantId, teamId);
    const personId = conversation.kind === 'personal' ? person?.aadObjectId : undefined;
    const known = {
      reference: { ...conversation, id },
      ...(personId && { personId }),
      ...(teamId && { teamId }),
      seenAt: now(),
    };
    await conversations.record(known, { afresh: kind === 'botAdded' });
    background.run(onHeard(id));
  }

  return (inbound) =>
    record(inbound).catch((error: unknown) => log.warn({ err: error }, 'a conversation could not be recorded'));
}
