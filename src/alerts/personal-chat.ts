import type { Conversations } from '../domain/alert-repositories.ts';
import type { ConversationReference, Person } from '../domain/turn.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { AlertMessenger } from './alert-messenger.ts';

interface PersonalChatParts {
  readonly conversations: Pick<Conversations, 'findPersonal' | 'record'>;
  readonly messenger: Pick<AlertMessenger, 'openPersonal'>;
  readonly runtime: Runtime;
}

/**
 * Finds a person's own chat with the bot; opens it, with the bot and service URL of `through`, when the bot has not seen it yet.
 * Rejects with a SendingError where Teams opens none, such as for somebody who has blocked the bot.
 */
export function createGetPersonalChat({ conversations, messenger, runtime }: PersonalChatParts) {
  return async (person: Person, through: ConversationReference): Promise<ConversationReference> => {
    const known = await conversations.findPersonal(person.tenantId, person.aadObjectId);
    if (known) return known.reference;
    const reference = await messenger.openPersonal(person, through);
    await conversations.record({ reference, personId: person.aadObjectId, seenAt: runtime.now() });
    return reference;
  };
}
