import type { Config } from '../config.ts';
import type { SealedSecrets, SignInRequests } from '../domain/sign-in-request.ts';
import { createBoundedMap } from '../lib/limits.ts';
import type { Runtime } from '../lib/runtime.ts';
import { createAssertionVerifier } from './assertions.ts';
import { type AuthPages, type AuthPagesParts, createAuthPages } from './auth-pages.ts';
import { createEntra, createOnBehalfOf, type EntraObservation } from './entra.ts';
import type { TokenSource } from './graphs.ts';
import { createDeriveKey, createSeal, keyPurposes } from './keys.ts';
import { type Actor, createAssertions, createLoginHints, createSessions } from './sessions.ts';
import { createSharedSignIns } from './shared-sign-ins.ts';
import { createSharedCodes } from './sign-in-codes.ts';
import { type AppTokens, createAppTokens, createExchange, type Exchange } from './tokens.ts';

export interface Identity extends TokenSource {
  readonly appTokens: AppTokens;
  readonly exchange: Exchange;
  readonly pages: AuthPages;
  readonly takeCode: AuthPages['takeCode'];
  /** Erases a person's whole sign-in, here and for other processes. Rejects when the store cannot be written. */
  forget(person: Actor): Promise<void>;
}

interface IdentityParts {
  readonly config: Config;
  readonly runtime: Runtime;
  /** Delegated permissions that people are asked for, as Entra writes them. */
  readonly scopes: readonly string[];
  readonly requests: SignInRequests;
  /** Used only with TOKEN_CACHE_KEY. */
  readonly secrets: SealedSecrets;
  readonly onEntraAsked?: (observation: EntraObservation) => void;
  readonly onOtherPerson?: AuthPagesParts['onOtherPerson'];
}

/** Sign-ins of people and of the app itself, joined over one memory. Throws for a credential that cannot be used. */
export function createIdentity(parts: IdentityParts): Identity {
  const { config, runtime, scopes, requests, secrets, onOtherPerson } = parts;
  const entra = createEntra({ config, onAsked: parts.onEntraAsked });
  const sessions = createSessions(runtime);
  const assertions = createAssertions(runtime);
  const loginHints = createLoginHints();
  const signOuts = createBoundedMap<number>(10_000);
  const verifier = createAssertionVerifier(config, runtime);
  const onBehalfOf = createOnBehalfOf({ entra, scopes });
  const seal = config.tokenCacheKey && createSeal(config.tokenCacheKey);
  const sharedSignIns =
    seal && createSharedSignIns({ seal, secrets, sessions, assertions, onEndedElsewhere: forgetHere, runtime });
  const exchange = createExchange({ verifier, onBehalfOf, sessions, loginHints, assertions, sharedSignIns });
  const pages = createAuthPages({
    config,
    runtime,
    graphScopes: scopes,
    stateSeal: createSeal(createDeriveKey(config)(keyPurposes.signInState)),
    requests,
    verifier,
    entra,
    loginHints,
    sharedCodes: seal && createSharedCodes({ seal, secrets, runtime }),
    onOtherPerson,
  });
  const appTokens = createAppTokens({ entra, config, runtime });

  /** Counts the sign-out too, so that work in the person's name stops: see `watchSignOut`. */
  function forgetHere(person: Actor): void {
    for (const each of [sessions, assertions, pages, loginHints]) each.forget(person);
    signOuts.set(person.aadObjectId, (signOuts.get(person.aadObjectId) ?? 0) + 1);
  }

  return {
    exchange,
    pages,
    takeCode: pages.takeCode,
    appTokens,
    getAppToken: appTokens.getAppToken,
    sessions: {
      ...sessions,
      /** Ends a session that Graph refuses for all processes. */
      forget(person) {
        sessions.forget(person);
        sharedSignIns
          ?.forget(person)
          .catch((error: unknown) => runtime.log.warn({ err: error }, 'a stored sign-in could not be erased'));
      },
    },
    async renew(person) {
      const assertion = assertions.find(person);
      const result = assertion === undefined ? undefined : await exchange(person, assertion);
      return result?.ok ? result.session : undefined;
    },
    watchSignOut(person) {
      const then = signOuts.get(person.aadObjectId);
      return () => signOuts.get(person.aadObjectId) !== then;
    },
    async recall(person) {
      await sharedSignIns?.recall(person);
    },
    async forget(person) {
      forgetHere(person);
      await sharedSignIns?.forget(person);
    },
  };
}
