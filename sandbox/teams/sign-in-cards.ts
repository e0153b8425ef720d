import type { SandboxPerson } from '../contract.ts';
import type { BotLine } from './bot-line.ts';
import type { DeliveryOutcome } from './delivery.ts';
import { findSignInButton } from './sign-in-offer.ts';
import type { SilentSignIn } from './silent-sign-in.ts';
import { currentVersion, type TeamsMessage, type Timeline } from './timeline.ts';
import { isObject, oauthCardType, type SignInCard } from './wire.ts';

/** What Teams clients do, unasked, when a bot sends an OAuthCard. Source: facts/teams-platform.md §2.1. */
export function createSignInCards(parts: {
  readonly line: BotLine;
  readonly timeline: Timeline;
  readonly sso: SilentSignIn;
}) {
  const { line, timeline, sso } = parts;

  function invoke(
    person: SandboxPerson,
    message: TeamsMessage,
    name: string,
    value: unknown,
  ): Promise<DeliveryOutcome> {
    const { conversation, conversationId, id } = message;
    const judge = ({ status }: DeliveryOutcome) =>
      status === 200 || status === 412 ? undefined : `The bot answered HTTP ${status} to ${name}.`;
    return line.invoke(person, conversation, { conversationId, name, value, replyToId: id }, judge);
  }

  function offer(person: SandboxPerson, message: TeamsMessage, card: SignInCard): void {
    const button = findSignInButton(card);
    if (button) timeline.offerSignIn(message.conversation, message.id, person, { kind: 'oauthCard', ...button });
  }

  async function answer(person: SandboxPerson, message: TeamsMessage, card: SignInCard): Promise<void> {
    const resource = card.tokenExchangeResource;
    const mode = sso.modeOf(person);
    if (!resource || mode === 'off') return offer(person, message, card);
    if (mode === 'failing' || message.conversation.kind === 'channel') {
      const code = mode === 'failing' ? 'installedappnotfound' : 'resourcematchfailed';
      await invoke(person, message, 'signin/failure', { code, message: 'Silent sign-in is not possible here.' });
      return offer(person, message, card);
    }
    const token = await sso.issueAssertion(person);
    const value = { id: resource.id, connectionName: card.connectionName, token };
    const outcome = await invoke(person, message, 'signin/tokenExchange', value);
    if (outcome.status !== 200) offer(person, message, card);
  }

  return {
    /** Looks at a new message of the bot; settles when every client that answers has been answered. */
    async meet(message: TeamsMessage): Promise<void> {
      const card = findOAuthCard(message);
      if (!card) return;
      const asker = askerOf(message, timeline);
      const others = sso.doOthersAnswer() ? message.conversation.members.filter((each) => each !== asker) : [];
      await Promise.all([asker, ...others].map((person) => person && answer(person, message, card)));
    },
    /** Sends the code that the sign-in window brought. */
    async finish(person: SandboxPerson, message: TeamsMessage, state: string): Promise<DeliveryOutcome> {
      const outcome = await invoke(person, message, 'signin/verifyState', { state });
      if (outcome.status === 200) timeline.offerSignIn(message.conversation, message.id, person, undefined);
      return outcome;
    },
  };
}

export function findOAuthCard(message: TeamsMessage): SignInCard | undefined {
  const attachments = currentVersion(message).activity.attachments ?? [];
  const content = attachments.find((each) => each.contentType === oauthCardType)?.content;
  return isObject(content) ? (content as SignInCard) : undefined;
}

/** Whose client the card is for: who wrote the message it answers, else who wrote last. */
function askerOf(message: TeamsMessage, timeline: Timeline): SandboxPerson | undefined {
  const { conversation } = message;
  if (conversation.kind === 'personal') return conversation.members[0];
  const { replyToId } = currentVersion(message).activity;
  const answered = replyToId ? timeline.find(conversation, replyToId) : undefined;
  const people = [answered, ...timeline.list(conversation).toReversed()].map((each) => each?.author);
  return people.find((author): author is SandboxPerson => author !== undefined && author !== 'bot');
}
