import { Application, TurnState, TurnStateEntry } from '@microsoft/teams-ai';
import type { Bot } from './bot.ts';
import type { Inbound } from './inbound.ts';

type Context = Parameters<Application['run']>[0];

/**
 * teams-ai as a router and nothing else: it signs nobody in, keeps no state and starts no timer. Its message routes are not
 * used, because they match parts of words.
 */
export function createRouter(
  bot: Bot,
  findInbound: (context: Context) => Inbound | undefined,
): (context: Context) => Promise<unknown> {
  const application = new QuietApplication({
    startTypingTimer: false,
    removeRecipientMention: false,
    longRunningMessages: false,
    turnStateFactory: () => new NoState(),
  });

  /** teams-ai's own selectors accept `Message` and `INVOKE` as well, which the SDK then does not answer as such. */
  function on<K extends Inbound['kind']>(
    kind: K,
    handle: (inbound: Extract<Inbound, { readonly kind: K }>, context: Context) => Promise<unknown>,
  ): void {
    const find = (context: Context) => {
      const inbound = findInbound(context);
      return inbound?.kind === kind ? (inbound as Extract<Inbound, { readonly kind: K }>) : undefined;
    };
    application.activity(
      async (context) => find(context) !== undefined,
      async (context) => {
        const inbound = find(context);
        if (inbound) await handle(inbound, context);
      },
    );
  }

  on('message', bot.onMessage);
  on('botAdded', bot.onInstallation);
  on('botRemoved', bot.onInstallation);
  on('invoke', async (inbound, context) => {
    await context.sendActivity({ type: 'invokeResponse', value: await bot.onInvoke(inbound) });
  });
  return (context) => application.run(context);
}

/** teams-ai 1.7.4 does not read the option that should switch its typing timer off. Source: `Application.run`. */
class QuietApplication extends Application {
  override startTypingTimer(): void {}
}

/** Neither loaded nor saved: the bot keeps its own records. */
class NoState extends TurnState {
  readonly #entries = new Map<string, TurnStateEntry>();

  override getScope(scope: string): TurnStateEntry {
    const entry = this.#entries.get(scope) ?? new TurnStateEntry();
    this.#entries.set(scope, entry);
    return entry;
  }
  override async load(): Promise<boolean> {
    return false;
  }
  override async save(): Promise<void> {}
}
