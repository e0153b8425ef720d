import { Application, TurnState, TurnStateEntry } from '@microsoft/teams-ai';
import { type Activity, ActivityTypes, CloudAdapter, type TurnContext } from 'botbuilder';
import {
  type AuthenticateRequestResult,
  AuthenticationConstants,
  AuthenticationError,
  BotFrameworkAuthentication,
  ClaimsIdentity,
  ConnectorFactory,
  type ConnectorClient as SdkConnectorClient,
  type UserTokenClient,
} from 'botframework-connector';
import type { InboundActivity } from './activity.ts';
import type { Bot } from './bot.ts';
import type { ConnectorClient } from './connector.ts';
import type { InboundToken } from './inbound-token.ts';

/**
 * Bot Framework's adapter with this bot's own doors: inbound tokens are checked by `InboundToken` alone, so the SDK's
 * emulator and skill paths do not exist, and whatever the SDK sends goes out through `ConnectorClient`.
 */
export function createAdapter(parts: { token: InboundToken; connector: ConnectorClient; botId: string }): CloudAdapter {
  return new CloudAdapter(new OwnAuthentication(parts.token, new OwnConnectorFactory(parts.connector), parts.botId));
}

class OwnAuthentication extends BotFrameworkAuthentication {
  readonly #token: InboundToken;
  readonly #connectors: ConnectorFactory;
  readonly #botId: string;

  constructor(token: InboundToken, connectors: ConnectorFactory, botId: string) {
    super();
    this.#token = token;
    this.#connectors = connectors;
    this.#botId = botId;
  }

  override async authenticateRequest(activity: Activity, authorization: string): Promise<AuthenticateRequestResult> {
    const checked = await this.#token.verify(authorization, activity.serviceUrl);
    if (!checked.ok) throw new AuthenticationError('Not authorised', 401);
    const claims = Object.entries(checked.claims).flatMap(([type, value]) =>
      typeof value === 'string' ? [{ type, value }] : [],
    );
    return {
      audience: AuthenticationConstants.ToChannelFromBotOAuthScope,
      claimsIdentity: new ClaimsIdentity(claims, AuthenticationConstants.AuthorizedParty),
      connectorFactory: this.#connectors,
    };
  }

  override authenticateStreamingRequest(): Promise<AuthenticateRequestResult> {
    throw new AuthenticationError('Streaming is not offered', 401);
  }

  override createConnectorFactory(): ConnectorFactory {
    return this.#connectors;
  }

  /** Nobody's token is kept at Azure: people sign in by on-behalf-of alone. */
  override async createUserTokenClient(): Promise<UserTokenClient> {
    const refuse = () => Promise.reject(new Error(`Bot ${this.#botId} does not use the Bot Framework token service`));
    return new Proxy({} as UserTokenClient, { get: (_, name) => (name === 'then' ? undefined : refuse) });
  }
}

class OwnConnectorFactory extends ConnectorFactory {
  readonly #connector: ConnectorClient;

  constructor(connector: ConnectorClient) {
    super();
    this.#connector = connector;
  }

  override async create(serviceUrl: string): Promise<SdkConnectorClient> {
    const send = async (conversationId: string, activity: Partial<Activity>) => ({
      id: await this.#connector.send(serviceUrl, conversationId, plain(activity)),
    });
    const conversations = {
      sendToConversation: send,
      replyToActivity: (id: string, _replyToId: string, activity: Partial<Activity>) => send(id, activity),
      updateActivity: (id: string, activityId: string, activity: Partial<Activity>) =>
        this.#connector.update(serviceUrl, id, activityId, plain(activity)),
    };
    return { conversations } as unknown as SdkConnectorClient;
  }
}

const plain = (activity: Partial<Activity>) => ({ ...activity, type: activity.type ?? 'message' });

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
