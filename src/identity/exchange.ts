import { createHash } from 'node:crypto';
import { type Actor, actorKey } from './actor.ts';
import type { KeptAssertions } from './kept-assertions.ts';
import type { KeptSignIns } from './kept-sign-ins.ts';
import type { LoginHints } from './login-hints.ts';
import type { OnBehalfOf } from './on-behalf-of.ts';
import type { ExchangeResult, Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { AssertionVerifier } from './verify-assertion.ts';

/**
 * From an assertion to a person's session, kept from then on.
 * A rejected assertion never reaches Entra. The same assertion sent twice at once by one person is exchanged once.
 */
export type Exchange = (person: Actor, assertion: string) => Promise<ExchangeResult>;

export interface ExchangeOptions {
  readonly verifier: AssertionVerifier;
  readonly onBehalfOf: OnBehalfOf;
  readonly sessions: Sessions;
  readonly loginHints?: LoginHints;
  readonly assertions?: KeptAssertions;
  readonly kept?: Pick<KeptSignIns, 'keep'> | undefined;
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { verifier, onBehalfOf, sessions, loginHints, assertions, kept } = options;
  const running = new Map<string, Promise<ExchangeResult>>();

  async function run(person: Actor, assertion: string): Promise<ExchangeResult> {
    const verified = await verifier.verify(assertion, person);
    if (!verified.ok) return { ok: false, failure: verified.failure };
    const { tenantId, aadObjectId, userName, expiresAt: assertionExpiresAt } = verified.claims;
    loginHints?.remember(person, userName);
    const answer = await onBehalfOf.exchange({ assertion, tenantId });
    if (!answer.ok) return answer;
    const { accessToken, expiresAt } = answer;
    const session: Session = { tenantId, aadObjectId, accessToken, expiresAt, ...(userName && { userName }) };
    sessions.put(person, session);
    assertions?.keep(person, assertion, assertionExpiresAt);
    await kept?.keep(person, { session, assertion, assertionExpiresAt });
    return { ok: true, session };
  }

  return (person, assertion) => {
    const key = `${actorKey(person)}:${createHash('sha256').update(`${assertion}`).digest('base64url')}`;
    const joined = running.get(key);
    if (joined) return joined;
    const started = run(person, assertion).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
