import assert from 'node:assert/strict';
import type { HttpAnswer } from './http-line.ts';
import { type Activity, invokeOf, type Person, type Place } from './people-and-places.ts';
import { readSentCard, type SentCard } from './sent-cards.ts';
import { answerOf, createTenant } from './tenant.ts';
import { holdsNoSecret, isChannelAnswer, isGoodSend, saysNothingSerious } from './what-holds.ts';
import { startWholeBot } from './whole-bot.ts';

/** The whole bot with a check of everything that leaves it, case by case. */
export async function startTrackedBot(env: Readonly<Record<string, string>> = {}) {
  const bot = await startWholeBot({ env });
  bot.edges.graph = answerOf(createTenant());

  /** Posts it as the channel does, waits for all that follows, and fails when anything of it is not as it should be. */
  async function post(text: string, activity: Activity | undefined): Promise<HttpAnswer> {
    const answer = await bot.post(text, activity?.serviceUrl);
    isChannelAnswer(answer, activity?.name);
    holdsNoSecret('an answer', answer.text);
    await settle();
    return answer;
  }

  async function settle(): Promise<void> {
    await bot.settle();
    for (const sent of bot.teams) {
      isGoodSend(sent);
      holdsNoSecret('a message', sent.body);
    }
    saysNothingSerious(bot.lines);
  }

  const sentCards = (): SentCard[] => bot.teams.flatMap((sent) => readSentCard(sent) ?? []);

  return {
    bot,
    post,
    settle,
    sentCards,
    /** Forgets what was seen, and lets two seconds pass: there is a pace at which Teams is sent to. */
    begin() {
      bot.clock.now += 2_000;
      for (const list of [bot.lines, bot.graph, bot.teams]) list.length = 0;
    },
    /** Writes to Graph since, as `{authorization} {address}`. */
    writes: () => bot.graph.filter(({ method }) => !['GET', 'HEAD'].includes(method)),
    /** Answers the sign-in that was asked for last as a client does by itself. False when none was asked for. */
    async signIn(person: Person): Promise<boolean> {
      const card = sentCards().findLast(({ signIns }) => signIns.length > 0);
      const [id] = card?.signIns ?? [];
      if (!card || id === undefined) return false;
      const value = { id, connectionName: 'vpp-sync', token: await bot.assertionOf(person) };
      const place: Place = { id: card.conversationId, kind: 'personal' };
      const activity = invokeOf(person, place, 'signin/tokenExchange', value);
      const { status } = await post(JSON.stringify(activity), activity);
      assert.equal(status, 200);
      return true;
    },
  };
}

export type TrackedBot = Awaited<ReturnType<typeof startTrackedBot>>;
