import type { Config } from '../config.ts';
import { AppTokenError } from '../domain/sign-in-request.ts';
import type { Session } from '../domain/turn.ts';
import { hashSecret } from '../lib/ids.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { AssertionVerifier } from './assertions.ts';
import { CredentialError, createIdentityTokens, loadMsal } from './credential.ts';
import { createEntra, createNetworkClient, type Entra, type OnBehalfOf, type TokenAnswer } from './entra.ts';
import {
  type Actor,
  type Assertions,
  actorKey,
  type ExchangeResult,
  earlyMs,
  type LoginHints,
  type Sessions,
} from './sessions.ts';
import type { SharedSignIns } from './shared-sign-ins.ts';

export interface AppTokens {
  /**
   * The app's own Graph token in a tenant, for monitoring: from memory until 5 minutes before it expires.
   * `renew` asks for a new one, as after a 401. One request per tenant at a time; all callers wait for that one.
   * Throws AppTokenError, for a tenant off the allow-list without any request.
   */
  getAppToken(tenantId: string, options?: { readonly renew?: boolean }): Promise<string>;
  /** True when any tenant's token is there and has not expired. Nothing is asked. */
  hasToken(): boolean;
  /** True when the last answer about any tenant's token was a failure. Nothing is asked. */
  isFailing(): boolean;
}

interface AppTokensParts {
  readonly entra: Entra;
  readonly config: Config;
  readonly runtime: Runtime;
}

export function createAppTokens({ entra, config, runtime }: AppTokensParts): AppTokens {
  const tokens = new Map<string, { readonly accessToken: string; readonly expiresAt: number }>();
  const requests = new Map<string, Promise<string>>();
  const failing = new Set<string>();

  async function request(tenantId: string): Promise<string> {
    const answer = await entra.ask(tenantId, 'app', (application) =>
      application.acquireTokenByClientCredential({
        scopes: [`${config.cloud.graphRoot}/.default`],
        skipCache: true,
        azureRegion: 'DisableMsalForceRegion',
      }),
    );
    if (!answer.ok) {
      failing.add(tenantId);
      const { failure } = answer;
      // There is nobody who could pass a check for the app.
      const isBlocked = failure.reason === 'stepUpRequired';
      throw new AppTokenError(tenantId, isBlocked ? { reason: 'blockedByPolicy', code: failure.code } : failure);
    }
    failing.delete(tenantId);
    tokens.set(tenantId, answer);
    return answer.accessToken;
  }

  return {
    async getAppToken(givenTenantId, { renew = false } = {}) {
      const tenantId = givenTenantId.toLowerCase();
      if (!config.allowedTenants.includes(tenantId)) {
        throw new AppTokenError(tenantId, { reason: 'tenantNotAllowed', tenantId });
      }
      const found = tokens.get(tenantId);
      if (found && !renew && found.expiresAt - earlyMs > runtime.now()) return found.accessToken;
      const inFlight = requests.get(tenantId);
      if (inFlight) return inFlight;
      const started = request(tenantId).finally(() => requests.delete(tenantId));
      requests.set(tenantId, started);
      return started;
    },
    hasToken: () => [...tokens.values()].some(({ expiresAt }) => expiresAt > runtime.now()),
    isFailing: () => failing.size > 0,
  };
}

/** The bot's own token for Teams' connector, cached by MSAL until shortly before it expires. Rejects when Entra refuses. */
type GetBotToken = () => Promise<string>;

/** As BOT_TYPE says: with the bot's password at its own or Bot Framework's tenant, or with a managed identity and no secret. */
export function createGetBotToken(config: Config): GetBotToken {
  const { bot, cloud } = config;
  if (bot.type === 'UserAssignedMsi') {
    const getToken = createIdentityTokens(bot.id);
    return () => getToken(cloud.botScope.replace(/\/\.default$/, ''));
  }
  let application: Promise<GetBotToken> | undefined;
  return async () => {
    application ??= createBotApplication(config);
    return (await application)();
  };
}

async function createBotApplication(config: Config): Promise<GetBotToken> {
  const { bot, cloud, authorityUrl } = config;
  const { ConfidentialClientApplication } = await loadMsal();
  const application = new ConfidentialClientApplication({
    auth: { clientId: bot.id, clientSecret: bot.password ?? '', authority: `${cloud.loginUrl}/${botTenant(config)}` },
    system: { networkClient: createNetworkClient({ authorityUrl }) },
  });
  return async () => {
    const result = await application.acquireTokenByClientCredential({ scopes: [cloud.botScope] });
    if (!result?.accessToken) throw new Error('Entra gave the bot no token for Teams');
    return result.accessToken;
  };
}

/** Asks for the bot's token as `createGetBotToken` does, without a cache, and says why there is none. Never throws. */
export async function askForBotToken(config: Config): Promise<TokenAnswer> {
  const { bot, cloud } = config;
  if (bot.type === 'UserAssignedMsi') {
    try {
      return { ok: true, accessToken: await createGetBotToken(config)(), expiresAt: Number.NaN };
    } catch (error) {
      return { ok: false, failure: error instanceof CredentialError ? error.failure : { reason: 'unavailable' } };
    }
  }
  const credential = { kind: 'secret', secret: bot.password ?? '' } as const;
  const entra = createEntra({ config: { ...config, app: { ...config.app, clientId: bot.id, credential } } });
  return entra.ask(botTenant(config), 'app', (application) =>
    application.acquireTokenByClientCredential({ scopes: [cloud.botScope], skipCache: true }),
  );
}

const botTenant = ({ bot, cloud }: Config) =>
  bot.type === 'SingleTenant' ? (bot.tenantId ?? '') : cloud.botLoginTenant;

/**
 * Exchanges a person's assertion for a session, and stores the session.
 * A rejected assertion never reaches Entra. The same assertion sent twice at once by one person is exchanged once.
 */
export type Exchange = (person: Actor, assertion: string) => Promise<ExchangeResult>;

interface ExchangeParts {
  readonly verifier: AssertionVerifier;
  readonly onBehalfOf: OnBehalfOf;
  readonly sessions: Sessions;
  readonly loginHints: LoginHints;
  readonly assertions: Assertions;
  readonly sharedSignIns?: SharedSignIns | undefined;
}

export function createExchange(parts: ExchangeParts): Exchange {
  const { verifier, onBehalfOf, sessions, loginHints, assertions, sharedSignIns } = parts;
  const running = new Map<string, Promise<ExchangeResult>>();

  async function run(person: Actor, assertion: string): Promise<ExchangeResult> {
    const verified = await verifier.verify(assertion, person);
    if (!verified.ok) return { ok: false, failure: verified.failure };
    const { tenantId, aadObjectId, userName, expiresAt: assertionExpiresAt } = verified.claims;
    loginHints.remember(person, userName);
    const answer = await onBehalfOf.exchange({ assertion, tenantId });
    if (!answer.ok) return answer;
    const { accessToken, expiresAt } = answer;
    const session: Session = { tenantId, aadObjectId, accessToken, expiresAt, ...(userName && { userName }) };
    sessions.put(person, session);
    assertions.put(person, assertion, assertionExpiresAt);
    await sharedSignIns?.put(person, { session, assertion, assertionExpiresAt });
    return { ok: true, session };
  }

  return (person, assertion) => {
    const key = `${actorKey(person)}:${hashSecret(`${assertion}`)}`;
    const joined = running.get(key);
    if (joined) return joined;
    const started = run(person, assertion).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
