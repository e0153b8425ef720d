import { conversationRoot } from '../domain/turn.ts';
import { createSendWindows, type Window } from '../lib/limits.ts';
import { hourMs } from '../lib/time.ts';

export interface SendPaceParts {
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Where something is sent, as far as limits go. */
export interface SendPlace {
  readonly conversationId: string;
  readonly tenantId?: string | undefined;
}

/** Sees everything that this process sends to Teams. */
export interface SendPace {
  /** Counts what goes at once, because a person waits for it. */
  count(place: SendPlace): void;
  /**
   * Waits until one more leaves room for people, and counts it. Resolves to after how many milliseconds there would be room when that
   * is later than `atMostMs` from now, or when the signal aborts: then it must not be sent.
   */
  waitForRoom(place: SendPlace, atMostMs: number, signal?: AbortSignal): Promise<number | undefined>;
}

interface SharedWindow extends Window {
  /** Of `most`, so many are left to answers to people. */
  readonly forPeople: number;
}

/**
 * What Teams takes of one bot: in a conversation, a channel with all its threads being one, and of an app in a tenant. An edit and a
 * typing sign count as a message. Several processes share these limits and do not see each other: then Teams' 429 rules.
 * Source: Teams "Optimize your bot with rate limiting"; facts/teams-platform §3.
 */
const inConversation: readonly SharedWindow[] = [
  { most: 7, withinMs: 1_000, forPeople: 2 },
  { most: 8, withinMs: 2_000, forPeople: 2 },
  { most: 60, withinMs: 30_000, forPeople: 10 },
  { most: 1_800, withinMs: hourMs, forPeople: 200 },
];
const inTenant: readonly SharedWindow[] = [
  { most: 50, withinMs: 1_000, forPeople: 25 },
  // Ours: many conversations are told side by side, and what leaves together must not arrive together with what leaves next.
  { most: 10, withinMs: 200, forPeople: 5 },
];

const shareOf = (windows: readonly SharedWindow[]): readonly Window[] =>
  windows.map(({ most, withinMs, forPeople }) => ({ most: most - forPeople, withinMs }));
const conversationShare = shareOf(inConversation);
const tenantShare = shareOf(inTenant);
const longestMs = (windows: readonly Window[]) => Math.max(...windows.map(({ withinMs }) => withinMs));

export function createSendPace({ now, wait }: SendPaceParts): SendPace {
  const conversations = createSendWindows(longestMs(inConversation));
  const tenants = createSendWindows(longestMs(inTenant));

  function count({ conversationId, tenantId }: SendPlace): void {
    conversations.count(conversationRoot(conversationId), now());
    if (tenantId !== undefined) tenants.count(tenantId, now());
  }

  function roomInMs({ conversationId, tenantId }: SendPlace): number {
    const here = conversations.roomInMs(conversationRoot(conversationId), conversationShare, now());
    return tenantId === undefined ? here : Math.max(here, tenants.roomInMs(tenantId, tenantShare, now()));
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
