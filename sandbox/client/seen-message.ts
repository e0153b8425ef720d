import type { SandboxPerson } from '../contract.ts';
import { botName, type CardJson } from '../teams/activities.ts';
import { findOAuthCard } from '../teams/sign-in.ts';
import { currentVersion, findCard, type TeamsMessage } from '../teams/timeline.ts';

/** A message as the page draws it for one person. */
export interface SeenMessage {
  readonly id: string;
  readonly conversation: string;
  readonly rootId?: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly editedAt?: number;
  readonly author: { readonly key: string; readonly name: string };
  readonly text: string;
  readonly textFormat: string;
  readonly summary: string;
  readonly card?: CardJson;
  /** The card is this person's own view of it. */
  readonly isOwnView: boolean;
  /** Only this person and the bot see the message. */
  readonly isTargeted: boolean;
  readonly signIn?: { readonly title: string; readonly text: string; readonly url: string };
  readonly isDeleted: boolean;
  /** Teams shows nothing of a sign-in card that is answered silently, or is somebody else's. */
  readonly isHidden: boolean;
}

export function seenMessage(message: TeamsMessage, person: SandboxPerson): SeenMessage {
  const { activity, at } = currentVersion(message);
  const [first] = message.versions;
  const card = findCard(message, person);
  const offer = message.signIns.get(person.key);
  const { author } = message;
  return {
    id: message.id,
    conversation: message.conversation.key,
    ...(message.rootId && { rootId: message.rootId }),
    at: first?.at ?? at,
    ...(message.versions.length > 1 && { editedAt: at }),
    author: author === 'bot' ? { key: 'bot', name: botName } : { key: author.key, name: author.name },
    text: withoutEntities(activity.text ?? ''),
    textFormat: author === 'bot' ? String(activity.textFormat ?? 'markdown') : 'plain',
    summary: activity.summary ?? activity.text ?? '',
    ...(card && { card }),
    isOwnView: message.views.has(person.key),
    isTargeted: message.onlyFor !== undefined,
    ...(offer && { signIn: { title: offer.title, text: offer.text, url: offer.url } }),
    isDeleted: message.deletedAt !== undefined,
    isHidden: findOAuthCard(message) !== undefined && !offer,
  };
}

const withoutEntities = (text: string) => text.replaceAll('&nbsp;', ' ');
