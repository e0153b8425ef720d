import { EventEmitter, once } from 'node:events';
import type { SandboxPerson } from '../contract.ts';
import { adaptiveCardType, type CardJson, type ExecuteAction, isObject, type WireActivity } from './activities.ts';
import { parseConversationId, type TeamsConversation } from './conversations.ts';

export interface TeamsMessage {
  readonly id: string;
  readonly conversation: TeamsConversation;
  /** As the bot sees it: with the thread, in a channel. */
  readonly conversationId: string;
  /** The message a channel's thread began with; its own id when it is that one. */
  readonly rootId?: string;
  readonly author: SandboxPerson | 'bot';
  /** Of a targeted message: nobody else sees it but its author. */
  readonly onlyFor?: SandboxPerson | 'bot';
  /** Oldest first: an edit adds one. */
  readonly versions: readonly MessageVersion[];
  readonly deletedAt?: number;
  /** By person key: cards that replaced the shared one for that person alone. The next edit removes them. */
  readonly views: ReadonlyMap<string, CardJson>;
  /** Sign-in buttons, by person key. */
  readonly signIns: ReadonlyMap<string, SignInOffer>;
}

export interface MessageVersion {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly activity: WireActivity;
}

/** A sign-in button that one person sees on one message, and what the bot gets once they have signed in. */
export type SignInOffer = {
  readonly title: string;
  readonly url: string;
  readonly text: string;
} & (
  | { readonly kind: 'oauthCard' }
  /** The action's whole value is sent again, with `state`. */
  | { readonly kind: 'cardAction'; readonly value: Readonly<Record<string, unknown>> }
);

/** Everything that people can see in Teams. */
export type TeamsEvent =
  | { readonly kind: 'message' | 'edit' | 'delete'; readonly message: TeamsMessage }
  | { readonly kind: 'view' | 'signIn'; readonly message: TeamsMessage; readonly person: SandboxPerson }
  | { readonly kind: 'toast'; readonly message: TeamsMessage; readonly person: SandboxPerson; readonly text: string }
  | { readonly kind: 'typing'; readonly conversation: TeamsConversation; readonly conversationId: string }
  /** The bot sent a request to the connector. */
  | { readonly kind: 'request' }
  /** Everything that was said is gone. */
  | { readonly kind: 'reset' }
  | {
      readonly kind: 'delivery';
      readonly conversation: TeamsConversation;
      readonly person?: SandboxPerson;
      /** `message`, or the invoke's name. */
      readonly what: string;
      readonly outcome: DeliveryOutcome;
      /** Why Teams would show an error. */
      readonly problem?: string;
    };

export interface DeliveryOutcome {
  /** 0 when the bot gave no HTTP answer: not reached, cut off, or over the time Teams waits. */
  readonly status: number;
  /** Parsed when it is JSON, else the text; the reason when `status` is 0. */
  readonly body: unknown;
  readonly ms: number;
  /** 2 when it was posted again. */
  readonly attempts: number;
}

type Stored = { -readonly [Key in keyof TeamsMessage]: TeamsMessage[Key] } & {
  versions: MessageVersion[];
  views: Map<string, CardJson>;
  signIns: Map<string, SignInOffer>;
};

export type Timeline = ReturnType<typeof createTimeline>;

/** Keeps every message with all its versions, and emits an event for each change. */
export function createTimeline({ now }: { readonly now: () => number }) {
  const events = new EventEmitter<{ event: [TeamsEvent] }>().setMaxListeners(0);
  const byConversation = new Map<string, Stored[]>();
  let lastId = 0;
  const emit = (event: TeamsEvent) => events.emit('event', event);
  const list = (conversation: TeamsConversation): readonly TeamsMessage[] => byConversation.get(conversation.key) ?? [];
  const find = (conversation: TeamsConversation, id: string) =>
    byConversation.get(conversation.key)?.find((each) => each.id === id);
  const get = (conversation: TeamsConversation, id: string) => {
    const found = find(conversation, id);
    if (!found) throw new Error(`There is no message ${id} in ${conversation.key}.`);
    return found;
  };

  return {
    events,
    emit,
    list,
    find: find as (conversation: TeamsConversation, id: string) => TeamsMessage | undefined,
    get: get as (conversation: TeamsConversation, id: string) => TeamsMessage,

    /** Teams' message ids are epoch milliseconds; no two are equal here. */
    nextId(): string {
      lastId = Math.max(lastId + 1, now());
      return String(lastId);
    },

    add(
      conversation: TeamsConversation,
      said: Pick<TeamsMessage, 'id' | 'conversationId' | 'author' | 'onlyFor'> & { readonly activity: WireActivity },
    ): TeamsMessage {
      const thread = parseConversationId(said.conversationId);
      const message: Stored = {
        id: said.id,
        conversation,
        conversationId: said.conversationId,
        ...(thread !== 'malformed' && thread.rootId && { rootId: thread.rootId }),
        author: said.author,
        ...(said.onlyFor && { onlyFor: said.onlyFor }),
        versions: [{ at: now(), activity: said.activity }],
        views: new Map(),
        signIns: new Map(),
      };
      byConversation.set(conversation.key, [...(byConversation.get(conversation.key) ?? []), message]);
      emit({ kind: 'message', message });
      return message;
    },

    edit(conversation: TeamsConversation, id: string, activity: WireActivity): void {
      const message = get(conversation, id);
      message.versions.push({ at: now(), activity });
      message.views.clear();
      emit({ kind: 'edit', message });
    },

    remove(conversation: TeamsConversation, id: string): void {
      const message = get(conversation, id);
      message.deletedAt = now();
      emit({ kind: 'delete', message });
    },

    clear(): void {
      byConversation.clear();
      emit({ kind: 'reset' });
    },

    showView(conversation: TeamsConversation, id: string, person: SandboxPerson, card: CardJson): void {
      const message = get(conversation, id);
      message.views.set(person.key, card);
      emit({ kind: 'view', message, person });
    },

    offerSignIn(
      conversation: TeamsConversation,
      id: string,
      person: SandboxPerson,
      offer: SignInOffer | undefined,
    ): void {
      const message = get(conversation, id);
      if (offer) message.signIns.set(person.key, offer);
      else message.signIns.delete(person.key);
      emit({ kind: 'signIn', message, person });
    },

    /**
     * Resolves with what `predicate` finds, asked again after every event, and every 50 ms for what changes without one
     * (a sync of the tenant, a log line). Rejects after `timeoutMs`.
     */
    async waitFor<Found>(
      predicate: () => Found | undefined | null | false,
      timeoutMs = 5000,
      what = 'what was waited for',
    ): Promise<Found> {
      const signal = AbortSignal.timeout(timeoutMs);
      for (;;) {
        const found = predicate();
        if (found !== undefined && found !== null && found !== false) return found;
        if (signal.aborted) throw new Error(`Within ${timeoutMs} ms there was not ${what}. Last seen: ${lastSeen()}`);
        const again = AbortSignal.any([signal, AbortSignal.timeout(50)]);
        await once(events, 'event', { signal: again }).catch(() => undefined);
      }
    },
  };

  function lastSeen(): string {
    const all = [...byConversation.values()].flat().sort((a, b) => Number(a.id) - Number(b.id));
    const seen = all.slice(-3).map((each) => {
      const { activity } = currentVersion(each);
      const author = each.author === 'bot' ? 'bot' : each.author.key;
      return `${author}: ${activity.text ?? activity.summary ?? JSON.stringify(activity.attachments)?.slice(0, 400)}`;
    });
    return seen.join(' | ') || 'nothing';
  }
}

export function currentVersion(message: TeamsMessage): MessageVersion {
  const version = message.versions.at(-1);
  if (!version) throw new Error(`Message ${message.id} has no version.`);
  return version;
}

/** Everybody in a conversation sees its messages, apart from targeted ones. */
export const isSeenBy = ({ author, onlyFor }: TeamsMessage, person: SandboxPerson): boolean =>
  onlyFor === undefined || onlyFor === person || author === person;

/** The Adaptive Card that a person sees on a message: their own view, or else the shared one. */
export function findCard(message: TeamsMessage, person?: SandboxPerson): CardJson | undefined {
  const own = person && message.views.get(person.key);
  if (own) return own;
  const attachments = currentVersion(message).activity.attachments ?? [];
  return attachments.find((each) => each.contentType === adaptiveCardType)?.content as CardJson | undefined;
}

/** Every button of a card that calls the bot, in the order in which the card has them. */
export function listActions(card: unknown): ExecuteAction[] {
  if (Array.isArray(card)) return card.flatMap(listActions);
  if (!isObject(card)) return [];
  const within = Object.values(card).flatMap(listActions);
  return card.type === 'Action.Execute' ? [card as unknown as ExecuteAction, ...within] : within;
}
