import { type Activity, CloudAdapter } from 'botbuilder';
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
import type { ConnectorClient } from './connector-client.ts';
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
