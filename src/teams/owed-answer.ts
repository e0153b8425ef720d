import type { NewTurn } from '../store/turns.ts';
import type { InboundActivity } from './inbound-activity.ts';
import { findTurn } from './to-turn.ts';

/** Teams sends a message that got no answer again after 15 s; whoever hears it then answers it. */
const repeatedWithinMs = 25_000;
/** Whose client tells them when nobody answered: nothing is owed before the bot has said that it goes on. */
const invokes: ReadonlySet<string | undefined> = new Set([
  ...['adaptiveCard/action', 'signin/tokenExchange', 'signin/verifyState'],
]);

/** What an activity makes the bot owe, and to whom; undefined when nobody waits for an answer. */
export function findOwedAnswer(activity: InboundActivity, now: number): Omit<NewTurn, 'key'> | undefined {
  const isMessage = activity.type === 'message';
  if (!isMessage && !(activity.type === 'invoke' && invokes.has(activity.name))) return undefined;
  const turn = findTurn(activity, now);
  if (!turn) return undefined;
  const { conversation, locale, messageId, person, at } = turn;
  const owed = { conversation, locale, ...(messageId && { messageId }), personId: person.aadObjectId, at };
  return { owed, ...(isMessage && { toldFrom: now + repeatedWithinMs }) };
}
