import { conversationRoot } from '../domain/turn.ts';
import { createSendWindows, type Window } from '../lib/limits.ts';
import type { Runtime } from '../lib/runtime.ts';
import { hourMs } from '../lib/time.ts';

/** Where something is sent, as far as limits go. A ConversationReference is one. */
export interface SendPlace {
  /** Conversation id; all threads of a channel count as one. */
  readonly id: string;
  readonly tenantId: string;
}

/** Counts everything that this process sends to Teams. */
export interface SendPace {
  /** Counts a message that goes at once, because a person waits for it. */
  count(place: SendPlace): void;
  /**
   * Waits until one more message leaves room for people, and counts it. Resolves to undefined, or else to the milliseconds until there
   * would be room, when that is later than `atMostMs` from now or the signal aborts: then the message must not be sent.
   */
  waitForRoom(place: SendPlace, atMostMs: number, signal?: AbortSignal): Promise<number | undefined>;
}

interface SharedWindow extends Window {
  /** Part of `most` that is left to answers to people. */
  readonly forPeople: number;
}

/**
 * Teams' limits for one bot: per conversation, a channel with all its threads being one, and per app and tenant. An edit and a typing
 * sign count as a message. Several processes share these limits and do not see each other: then Teams' 429 decides.
 * Source: Teams "Optimize your bot with rate limiting".
 */
const inConversation: readonly SharedWindow[] = [
  { most: 7, withinMs: 1_000, forPeople: 2 },
  { most: 8, withinMs: 2_000, forPeople: 2 },
  { most: 60, withinMs: 30_000, forPeople: 10 },
  { most: 1_800, withinMs: hourMs, forPeople: 200 },
];
const inTenant: readonly SharedWindow[] = [
  { most: 50, withinMs: 1_000, forPeople: 25 },
  // Not Teams' but ours: sends to many conversations begin together, and a burst must not arrive together with the next one.
  { most: 10, withinMs: 200, forPeople: 5 },
];

const shareOf = (windows: readonly SharedWindow[]): readonly Window[] =>
  windows.map(({ most, withinMs, forPeople }) => ({ most: most - forPeople, withinMs }));
const conversationShare = shareOf(inConversation);
const tenantShare = shareOf(inTenant);
const longestMs = (windows: readonly Window[]) => Math.max(...windows.map(({ withinMs }) => withinMs));

export function createSendPace({ now, wait }: Runtime): SendPace {
  const conversations = createSendWindows(longestMs(inConversation));
  const tenants = createSendWindows(longestMs(inTenant));

  function count({ id, tenantId }: SendPlace): void {
    conversations.count(conversationRoot(id), now());
    tenants.count(tenantId, now());
  }

  function roomInMs({ id, tenantId }: SendPlace): number {
    const inConversationMs = conversations.roomInMs(conversationRoot(id), conversationShare, now());
    return Math.max(inConversationMs, tenants.roomInMs(tenantId, tenantShare, now()));
  }

  return {
    count,
    async waitForRoom(place, atMostMs, signal) {
      const lateAt = now() + atMostMs;
      for (;;) {
        const waitMs = roomInMs(place);
        if (waitMs === 0) {
          count(place);
          return undefined;
        }
        if (signal?.aborted || now() + waitMs > lateAt) return waitMs;
        await wait(waitMs, signal);
      }
    },
  };
}
