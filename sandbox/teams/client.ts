import { setImmediate as nextTick } from 'node:timers/promises';
import type { Registration, SandboxContext, SandboxPerson } from '../contract.ts';
import { createActivityMaker } from './activities.ts';
import { createCardActions, type PressResult } from './card-actions.ts';
import type { ConnectorStandIn } from './connector.ts';
import type { Conversations, TeamsConversation } from './conversations.ts';
import { createBotConnection } from './delivery.ts';
import { createSignInCards, createSilentSignIn, openSignInWindow, type SignInWindowOptions } from './sign-in.ts';
import { currentVersion, type DeliveryOutcome, type TeamsEvent, type TeamsMessage, type Timeline } from './timeline.ts';

interface ClientOptions {
  readonly context: SandboxContext;
  readonly registration: Pick<Registration, 'botId'>;
  readonly conversations: Conversations;
  readonly timeline: Timeline;
  readonly connector: ConnectorStandIn;
  issueAssertion(person: SandboxPerson): Promise<string>;
}

interface SayOptions {
  /** In a group chat or channel the bot gets only messages that mention it. */
  readonly mention?: boolean;
  /** As with a slash command in a group chat or channel: only the person and the bot see it. The bot gets it without a mention. */
  readonly targeted?: boolean;
  /** Id of the message that began the channel's thread; without it a new thread begins. */
  readonly replyToThread?: string;
  /** Instead of the person's own. */
  readonly locale?: string;
  /** Id of the message that this one quotes. */
  readonly quotes?: string;
  /** Text of a message that is forwarded below the person's own words. */
  readonly forwards?: string;
}

export type TeamsClient = ReturnType<typeof createTeamsClient>;

/** A headless Teams: what the people of the rehearsal tenant see and do. Each action resolves once the bot has answered it. */
export function createTeamsClient(options: ClientOptions) {
  const { context, registration, conversations, timeline, connector } = options;
  const activities = createActivityMaker({ registration, context });
  const bot = createBotConnection({ deliver: connector.deliver, activities, timeline });
  const sso = createSilentSignIn(options.issueAssertion);
  const cardActions = createCardActions({ bot, timeline, sso });
  const signInCards = createSignInCards({ bot, timeline, sso });
  const reactions = new Set<Promise<void>>();

  /** The real connector answers the bot's send before clients see the message. */
  async function reactLater(message: TeamsMessage): Promise<void> {
    await nextTick();
    await signInCards.react(message);
  }

  const watch = (event: TeamsEvent) => {
    if ((event.kind !== 'message' && event.kind !== 'edit') || event.message.author !== 'bot') return;
    const work: Promise<void> = reactLater(event.message).finally(() => reactions.delete(work));
    reactions.add(work);
  };
  timeline.events.on('event', watch);

  /** The message is visible at once; `delivery` is undefined when the bot does not get it. */
  async function say(
    person: SandboxPerson,
    conversation: TeamsConversation,
    text: string,
    { mention = false, targeted = false, replyToThread, locale, quotes, forwards }: SayOptions = {},
  ): Promise<{ message: TeamsMessage; delivery?: DeliveryOutcome }> {
    const id = timeline.nextId();
    const rootId = conversation.kind === 'channel' ? (replyToThread ?? id) : undefined;
    const conversationId = rootId ? `${conversation.id};messageid=${rootId}` : conversation.id;
    const parts = { id, conversationId, text, mention: mention && conversation.kind !== 'personal' };
    const activity = activities.message(person, conversation, {
      ...parts,
      ...(targeted && { targeted }),
      ...(locale && { locale }),
      ...(quotes && { quotes }),
      ...(forwards && { forwards }),
      ...(replyToThread && { replyToId: replyToThread }),
    });
    const onlyFor = targeted ? ('bot' as const) : undefined;
    const message = timeline.add(conversation, {
      id,
      conversationId,
      author: person,
      ...(onlyFor && { onlyFor }),
      activity,
    });
    const isDelivered =
      connector.isInstalled(conversation) && (conversation.kind === 'personal' || mention || targeted);
    return isDelivered ? { message, delivery: await bot.post(person, conversation, activity) } : { message };
  }

  /** Sends the code of a sign-in window to the bot, in the form that belongs to the button. */
  async function completeSignIn(
    person: SandboxPerson,
    conversation: TeamsConversation,
    messageId: string,
    code: string,
  ): Promise<{ delivery?: DeliveryOutcome; press?: PressResult }> {
    const message = timeline.get(conversation, messageId);
    const offer = message.signIns.get(person.key);
    if (offer?.kind === 'cardAction') return { press: await cardActions.finish(person, message, offer.value, code) };
    return { delivery: await signInCards.finish(person, message, code) };
  }

  return {
    conversations,
    timeline,
    /** Emits `event` with a TeamsEvent for everything that can be seen to happen. */
    events: timeline.events,
    messages: timeline.list,
    waitFor: timeline.waitFor,
    say,
    press: cardActions.press,
    refresh: cardActions.refresh,
    completeSignIn,
    setSso: sso.setSso,
    ssoMode: sso.modeOf,
    setOthersAnswer: sso.setOthersAnswer,
    activities,

    /** Types into a search field of a card: sends the invoke, and resolves to the choices that a client would offer. */
    async search(
      person: SandboxPerson,
      conversation: TeamsConversation,
      messageId: string,
      dataset: string,
      queryText: string,
    ): Promise<readonly { readonly title: string; readonly value: string }[]> {
      const { conversationId } = timeline.get(conversation, messageId);
      const value = { queryText, queryOptions: { skip: 0, top: 15 }, dataset };
      const invoke = { conversationId, name: 'application/search', value, replyToId: messageId };
      const { body } = await bot.invoke(person, conversation, invoke);
      const answer = body as { type?: string; value?: { results?: { title: string; value: string }[] } };
      const isFound = answer?.type === 'application/vnd.microsoft.search.searchResponse';
      return isFound ? (answer.value?.results ?? []) : [];
    },

    /** Presses the sign-in button that a person sees, goes through the window over HTTP and sends its code to the bot. */
    async signInThroughButton(
      person: SandboxPerson,
      conversation: TeamsConversation,
      messageId: string,
      window: SignInWindowOptions = {},
    ) {
      const offer = timeline.get(conversation, messageId).signIns.get(person.key);
      if (!offer) throw new Error(`No sign-in button is shown to ${person.key} on message ${messageId}.`);
      const ended = await openSignInWindow(offer.url, person, window);
      if (ended.code === undefined) return ended;
      return { ...ended, ...(await completeSignIn(person, conversation, messageId, ended.code)) };
    },

    async edit(
      person: SandboxPerson,
      conversation: TeamsConversation,
      messageId: string,
      text: string,
    ): Promise<DeliveryOutcome> {
      const message = timeline.get(conversation, messageId);
      const mention = String(currentVersion(message).activity.text).startsWith('<at>');
      const parts = { id: messageId, conversationId: message.conversationId, text, mention };
      const activity = activities.messageUpdate(person, conversation, parts);
      timeline.edit(conversation, messageId, activity);
      return bot.post(person, conversation, activity);
    },

    /** Sends both activities that Teams sends when a bot is installed. */
    async install(person: SandboxPerson, conversation: TeamsConversation): Promise<readonly DeliveryOutcome[]> {
      connector.setInstalled(conversation, true);
      const update = activities.conversationUpdate(person, conversation, { added: [activities.bot.id] });
      const installation = activities.installationUpdate(person, conversation, 'add');
      return Promise.all([update, installation].map((activity) => bot.post(person, conversation, activity)));
    },

    async uninstall(person: SandboxPerson, conversation: TeamsConversation): Promise<DeliveryOutcome> {
      connector.setInstalled(conversation, false);
      return bot.post(person, conversation, activities.installationUpdate(person, conversation, 'remove'));
    },

    /** Empties every chat. The bot learns that it was removed from those where something was said, so that it forgets them too. */
    async reset(): Promise<void> {
      for (const conversation of conversations.list()) {
        const [person] = conversation.members;
        if (!person || timeline.list(conversation).length === 0) continue;
        await bot.post(person, conversation, activities.installationUpdate(person, conversation, 'remove'));
        connector.setInstalled(conversation, true);
      }
      sso.reset();
      timeline.clear();
    },

    async addMember(person: SandboxPerson, conversation: TeamsConversation): Promise<DeliveryOutcome> {
      const activity = activities.conversationUpdate(person, conversation, { added: [person.teamsId] });
      return bot.post(person, conversation, activity);
    },

    /** Resolves when no client has an OAuthCard left to answer. */
    async idle(): Promise<void> {
      while (reactions.size > 0) await Promise.allSettled(reactions);
    },

    stop(): void {
      timeline.events.off('event', watch);
    },
  };
}
