import { Application, TurnState, TurnStateEntry } from '@microsoft/teams-ai';
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
import type { Handle, Host } from '../bot.ts';
import type { Inbound } from '../inbound.ts';

const inboundKey = Symbol('inbound');

/**
 * botbuilder's CloudAdapter, with teams-ai as its router. The guard alone decides who enters: the SDK is given the claims that the
 * guard verified, and authenticates nobody itself, so its emulator, skill and streaming paths do not exist.
 */
export function createHost(handle: Handle): Host {
  const adapter = new CloudAdapterForAdmitted(new NoAuthentication());
  const application = new QuietApplication({
    startTypingTimer: false,
    removeRecipientMention: false,
    longRunningMessages: false,
    turnStateFactory: () => new NoState(),
  });
  // One route for all: teams-ai's own selectors match parts of words, and accept `INVOKE`, which botbuilder then does not answer as one.
  application.activity(
    async () => true,
    async (context) => {
      const answer = await handle(context.turnState.get(inboundKey));
      if (answer) await context.sendActivity({ type: 'invokeResponse', value: answer });
    },
  );
  return (inbound) => adapter.run(inbound, (context) => application.run(context));
}

class CloudAdapterForAdmitted extends CloudAdapter {
  async run(inbound: Inbound, route: (context: TurnContext) => Promise<unknown>) {
    // With `deliveryMode` the SDK would put messages into the HTTP answer, which Teams never asks for.
    const admitted = { ...inbound.activity, deliveryMode: undefined } as unknown as Activity;
    const answer = await this.processActivity(toAuthenticated(inbound.claims), admitted, async (context) => {
      context.turnState.set(inboundKey, inbound);
      await route(context);
    });
    return answer ?? { status: StatusCodes.OK };
  }
}

/** teams-ai 1.7.4 does not read the option that should switch its typing timer off. Source: `Application.run`. */
class QuietApplication extends Application {
  override startTypingTimer(): void {}
}

/** Neither loaded nor saved: the bot keeps its own records. */
class NoState extends TurnState {
  override getScope = (): TurnStateEntry => new TurnStateEntry();
  override load = async (): Promise<boolean> => false;
  override save = async (): Promise<void> => undefined;
}

function toAuthenticated(claims: Inbound['claims']): AuthenticateRequestResult {
  const texts = Object.entries(claims).flatMap(([type, value]) => (typeof value === 'string' ? [{ type, value }] : []));
  return {
    audience: AuthenticationConstants.ToChannelFromBotOAuthScope,
    claimsIdentity: new ClaimsIdentity(texts, AuthenticationConstants.AuthorizedParty),
    connectorFactory: new NoConnector(),
  };
}

class NoAuthentication extends BotFrameworkAuthentication {
  override async authenticateRequest(): Promise<AuthenticateRequestResult> {
    throw new AuthenticationError('The guard alone lets activities in', StatusCodes.UNAUTHORIZED);
  }
  override authenticateStreamingRequest = this.authenticateRequest;
  override createConnectorFactory = (): ConnectorFactory => new NoConnector();
  /** Any use of the token service or the connector fails: people sign in by on-behalf-of, and messages leave by the outbox. */
  override createUserTokenClient = async (): Promise<UserTokenClient> => Object.create(null);
}

class NoConnector extends ConnectorFactory {
  override create = async (): Promise<ConnectorClient> => Object.create(null);
}
