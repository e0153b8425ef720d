import type { Config } from '../config.ts';
import type { SealedSecrets, SignInRequests } from '../domain/sign-in-request.ts';
import { createBoundedMap } from '../lib/lru-map.ts';
import { createAssertionVerifier } from './assertions.ts';
import { type AuthPagesOptions, createAuthPages } from './auth-pages.ts';
import { createEntra, createOnBehalfOf } from './entra.ts';
import { createSeal } from './keys.ts';
import { type Actor, createAssertions, createLoginHints, createSessions } from './sessions.ts';
import { createSharedSignIns } from './shared-sign-ins.ts';
import { createSharedCodes } from './sign-in-codes.ts';
import { createAppTokens, createExchange } from './tokens.ts';

export type Identity = ReturnType<typeof createIdentity>;

/** Who people are and what the app may ask for, joined over one memory. Throws for a credential that cannot be used. */
export function createIdentity({
  config,
  scopes,
  requests,
  secrets,
  onOtherPerson,
  now,
  log,
}: {
  config: Config;
  /** Delegated permissions that people are asked for, as Entra writes them. */
  scopes: readonly string[];
  requests: SignInRequests;
  /** Used with TOKEN_CACHE_KEY alone. */
  secrets: SealedSecrets;
  onOtherPerson?: AuthPagesOptions['onOtherPerson'];
  now: () => number;
  log: { warn(fields: object, message: string): void };
}) {
  const { app, cloud, authorityUrl, allowedTenants } = config;
  const entra = createEntra({ config });
  const sessions = createSessions({ now });
  const assertions = createAssertions({ now });
  const loginHints = createLoginHints();
  const signOuts = createBoundedMap<number>(10_000);
  const { clientId, idUri } = app;
  const verifier = createAssertionVerifier({ authorityUrl, clientId, idUri, allowedTenants, now });
  const onBehalfOf = createOnBehalfOf({ entra, scopes });
  const seal = config.tokenCacheKey && createSeal(config.tokenCacheKey);
  const kept =
    seal && createSharedSignIns({ seal, secrets, sessions, assertions, onEndedElsewhere: forgetHere, now, log });
  const exchange = createExchange({ verifier, onBehalfOf, sessions, loginHints, assertions, kept });
  const sharedCodes = seal && createSharedCodes({ seal, secrets, now });
  const pages = createAuthPages({
    ...{ config, graphScopes: scopes, requests, verifier, entra, loginHints, sharedCodes, onOtherPerson, now },
  });
  const { getAppToken } = createAppTokens({ entra, graphRoot: cloud.graphRoot, allowedTenants, now });

  /** Everything that this process has of a person's sign-in; work that goes on in their name notices. */
  function forgetHere(person: Actor): void {
    for (const each of [sessions, assertions, pages, loginHints]) each.forget(person);
    signOuts.set(person.aadObjectId, (signOuts.get(person.aadObjectId) ?? 0) + 1);
  }

  return {
    sessions: {
      ...sessions,
      /** Ends a session that Graph no longer takes, for other processes, too. */
      forget(person: Actor) {
        sessions.forget(person);
        kept?.forget(person).catch((error: unknown) => log.warn({ err: error }, 'a kept sign-in could not be erased'));
      },
    },
    exchange,
    pages,
    takeCode: pages.takeCode,
    getAppToken,
    /** A new session from the person's own assertion, when Graph took the old one back. */
    async renew(person: Actor) {
      const assertion = assertions.find(person);
      const result = assertion === undefined ? undefined : await exchange(person, assertion);
      return result?.ok ? result.session : undefined;
    },
    /** A question that answers whether the person has signed out since it was made. */
    watchSignOut(person: Actor): () => boolean {
      const then = signOuts.get(person.aadObjectId);
      return () => signOuts.get(person.aadObjectId) !== then;
    },
    /** Looks up a sign-in that another process made or ended; before anything is asked in the person's name. Never rejects. */
    recall: async (person: Actor) => kept?.recall(person),
    /** Everything that is kept of a person's sign-in, here and for other processes. Rejects when the store cannot be asked to. */
    async forget(person: Actor) {
      forgetHere(person);
      await kept?.forget(person);
    },
  };
}
