import type { Conversations } from '../domain/alert-repositories.ts';
import { withoutThread } from '../domain/turn.ts';
import type { Background } from '../lib/async.ts';
import { type BotMove, botMoveOf } from './bot-move.ts';
import { findConversation, findPerson, type InboundActivity } from './inbound-activity.ts';

export interface NoteConversationParts {
  readonly conversations: Pick<Conversations, 'note' | 'erase' | 'listIdsOfTeam'>;
  /** The bot was removed from a conversation: nothing more is told there, until somebody asks for it anew. */
  readonly markRemoved: (conversationId: string, at: number) => Promise<void>;
  /** Told of every conversation that something came in from, without its thread. */
  readonly onHeard: (conversationId: string) => Promise<void>;
  readonly background: Background;
  readonly now: () => number;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Remembers where every admitted activity came from, so that the bot can speak there by itself, at the address that Teams named last;
 * forgets it, and what was to be told there, when the bot is removed: from a team, with all its channels. Never rejects: an answer does not depend on it.
 */
export function createNoteConversation(parts: NoteConversationParts): (activity: InboundActivity) => Promise<void> {
  async function leave(id: string, tenantId: string, teamId: string | undefined): Promise<void> {
    const others = teamId === undefined ? [] : await parts.conversations.listIdsOfTeam(tenantId, teamId);
    for (const left of new Set([id, ...others])) {
      await parts.markRemoved(left, parts.now());
      await parts.conversations.erase(left);
    }
  }

  async function note(activity: InboundActivity, move: BotMove | undefined): Promise<void> {
    const found = findConversation(activity);
    if (!found) return;
    const id = withoutThread(found.id);
    const teamId = activity.channelData?.team?.id;
    if (move === 'left') return leave(id, found.tenantId, teamId);
    const personId = found.kind === 'personal' ? findPerson(activity)?.aadObjectId : undefined;
    const known = {
      reference: { ...found, id },
      ...(personId && { personId }),
      ...(teamId && { teamId }),
      seenAt: parts.now(),
    };
    await parts.conversations.note(known, { afresh: move === 'came' });
    parts.background.run(parts.onHeard(id));
  }

  return (activity) =>
    note(activity, botMoveOf(activity)).catch((error: unknown) =>
      parts.log.warn({ err: error }, 'where an activity came from could not be noted'),
    );
}
