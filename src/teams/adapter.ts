import { type Activity, CloudAdapter, StatusCodes, type TurnContext } from 'botbuilder';
import {
  type AuthenticateRequestResult,
  AuthenticationConstants,
  AuthenticationError,
  BotFrameworkAuthentication,
  ClaimsIdentity,
  type ConnectorClient,
  ConnectorFactory,
  type UserTokenClient,
} from 'botframework-connector';
import type { Bot, Host } from './bot.ts';
import type { Inbound } from './inbound.ts';
import { createRouter } from './router.ts';

/**
 * Hosts the bot in botbuilder's CloudAdapter. The guard alone decides who enters: the SDK is given the claims that the guard
 * verified, and authenticates nobody itself, so its emulator, skill and streaming paths do not exist. It can send nothing
 * either: all messages leave by the outbox.
 */
export function createHost(bot: Bot): Host {
  const adapter = new GuardedAdapter();
  const inbounds = new WeakMap<TurnContext, Inbound>();
  const route = createRouter(bot, (context) => inbounds.get(context));
  return (inbound) =>
    adapter.processAdmitted(inbound, async (context) => {
      inbounds.set(context, inbound);
      await route(context);
    });
}

class GuardedAdapter extends CloudAdapter {
  constructor() {
    super(new NoAuthentication());
  }

  async processAdmitted({ activity, claims }: Inbound, logic: (context: TurnContext) => Promise<void>) {
    // With `deliveryMode` the SDK would put messages into the HTTP answer, which Teams never asks for.
    const admitted = { ...activity, deliveryMode: undefined } as unknown as Activity;
    const answer = await this.processActivity(toAuthenticated(claims), admitted, logic);
    return answer ?? { status: StatusCodes.OK };
  }
}

function toAuthenticated(claims: Inbound['claims']): AuthenticateRequestResult {
  const texts = Object.entries(claims).flatMap(([type, value]) => (typeof value === 'string' ? [{ type, value }] : []));
  return {
    audience: AuthenticationConstants.ToChannelFromBotOAuthScope,
    claimsIdentity: new ClaimsIdentity(texts, AuthenticationConstants.AuthorizedParty),
    connectorFactory: new NoConnectorFactory(),
  };
}

class NoAuthentication extends BotFrameworkAuthentication {
  override async authenticateRequest(): Promise<AuthenticateRequestResult> {
    throw new AuthenticationError('Not authorised', StatusCodes.UNAUTHORIZED);
  }

  override async authenticateStreamingRequest(): Promise<AuthenticateRequestResult> {
    throw new AuthenticationError('Streaming is not offered', StatusCodes.UNAUTHORIZED);
  }

  override createConnectorFactory(): ConnectorFactory {
    return new NoConnectorFactory();
  }

  /** No token is kept at Azure: people sign in by on-behalf-of alone. */
  override async createUserTokenClient(): Promise<UserTokenClient> {
    return refusing<UserTokenClient>('does not use the Bot Framework token service');
  }
}

class NoConnectorFactory extends ConnectorFactory {
  override async create(): Promise<ConnectorClient> {
    return refusing<ConnectorClient>('sends through its outbox alone');
  }
}

function refusing<T extends object>(why: string): T {
  return new Proxy({} as T, {
    get(_, name) {
      // Else the SDK's `await` would take it for a promise.
      if (name === 'then') return undefined;
      throw new Error(`The bot ${why}`);
    },
  });
}
