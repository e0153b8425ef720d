import { Application, TurnState, TurnStateEntry } from '@microsoft/teams-ai';
import { ActivityTypes, type TurnContext } from 'botbuilder';
import type { Bot } from './bot.ts';
import type { InboundActivity } from './inbound-activity.ts';

/**
 * teams-ai as a router and nothing else: it signs nobody in, keeps no state, starts no timers, and its message routes, which
 * match parts of words, are not used. Source: DESIGN §4, facts/teams-platform §1.4.
 */
export function createApplication(bot: Bot): Application {
  const application = new Router({
    startTypingTimer: false,
    removeRecipientMention: false,
    longRunningMessages: false,
    turnStateFactory: () => new NothingKept(),
  });
  application.activity(is(ActivityTypes.Message), (context) => bot.onMessage(activityOf(context)));
  for (const type of [ActivityTypes.ConversationUpdate, ActivityTypes.InstallationUpdate])
    application.activity(is(type), (context) => bot.onMove(activityOf(context)));
  application.activity(is(ActivityTypes.Invoke), async (context) => {
    const { status, body } = await bot.onInvoke(activityOf(context));
    await context.sendActivity({ type: ActivityTypes.InvokeResponse, value: { status, body } });
  });
  return application;
}

/** The option that should switch its typing timer off is not read. Source: teams-ai 1.7.4, Application.run. */
class Router extends Application {
  override startTypingTimer(): void {}
}

/** teams-ai itself takes `Message` and `INVOKE` for these, which the adapter then does not answer as such. */
const is = (type: ActivityTypes) => async (context: TurnContext) => context.activity.type === type;

const activityOf = (context: TurnContext) => context.activity as unknown as InboundActivity;

/** State that is neither loaded nor saved: everything this bot keeps, it keeps itself. */
class NothingKept extends TurnState {
  readonly #nothing = new Map<string, TurnStateEntry>();

  override getScope(scope: string): TurnStateEntry {
    const entry = this.#nothing.get(scope) ?? new TurnStateEntry();
    this.#nothing.set(scope, entry);
    return entry;
  }
  override async load(): Promise<boolean> {
    return false;
  }
  override async save(): Promise<void> {}
}
