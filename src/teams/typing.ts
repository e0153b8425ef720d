import type { ConversationReference } from '../domain/turn.ts';
import type { Background } from '../lib/async.ts';
import type { Outbox } from './outbox.ts';

/** Teams asks for an answer or a sign of life within 2 s; the sign fades after some seconds and is given again. */
const firstMs = 1_000;
const againMs = 5_000;
const mostTimes = 24;

export type WhileTyping = <T>(conversation: ConversationReference, work: () => Promise<T>) => Promise<T>;

/** Shows that the bot is at work for as long as the work lasts, two minutes at most. A sign that cannot be sent is no matter. */
export function createWhileTyping({ outbox, background }: { outbox: Outbox; background: Background }): WhileTyping {
  return async (conversation, work) => {
    let times = 0;
    const show = () => {
      times += 1;
      background.run(outbox.typing(conversation).catch(() => undefined));
      if (times < mostTimes) timer = setTimeout(show, againMs);
    };
    let timer = setTimeout(show, firstMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  };
}
