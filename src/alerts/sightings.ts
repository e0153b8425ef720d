import type { Alert } from '../domain/alert.ts';
import { observeToken } from '../domain/alert-observations.ts';
import type { TokenSnapshot } from '../domain/alert-repositories.ts';
import type { Sighting } from '../domain/alert-steps.ts';
import type { Compared } from './compare.ts';
import type { Look } from './look.ts';

/** All that a good look has to say of the tokens that are there, and of alerts whose tokens are not there any more. */
export function sightingsOf(
  { current }: Compared,
  apps: Extract<Look, { kind: 'seen' }>['apps'],
  alerts: readonly Alert[],
  now: number,
): Sighting[] {
  const there = new Set(current.map(({ token }) => token.id));
  const seen = current.flatMap((snapshot) => {
    const { token } = snapshot;
    const facts = { ...factsOf(snapshot), ...withApps(apps, token.id) };
    return observeToken(facts, now).map((observed) => ({ tokenId: token.id, token, observed }));
  });
  const gone = openOnesOfTokens(alerts)
    .filter(({ tokenId }) => !there.has(tokenId))
    .map(({ tokenId, condition }) => ({
      tokenId,
      observed: { condition, is: 'absent', ending: 'deleted' } as const,
    }));
  return [...seen, ...gone];
}

/** What is left to say when nothing was seen: it may be time to remind of what stood last. */
export const blindSightings = (alerts: readonly Alert[]): Sighting[] =>
  openOnesOfTokens(alerts).map(({ tokenId, condition }) => ({ tokenId, observed: { condition, is: 'unknown' } }));

const openOnesOfTokens = (alerts: readonly Alert[]) =>
  alerts.filter(({ tokenId, endedAt }) => tokenId !== '' && endedAt === undefined);

const factsOf = ({ token, firstSeenAt, completedAt, inProgressSince }: TokenSnapshot) => ({
  token,
  firstSeenAt,
  ...(completedAt !== undefined && { completedAt }),
  ...(inProgressSince !== undefined && { inProgressSince }),
});

/** Licences that were read say something of every token, of one without apps too. */
const withApps = (apps: Extract<Look, { kind: 'seen' }>['apps'], tokenId: string) =>
  apps ? { apps: apps.get(tokenId) ?? { apps: [], isApproximate: false } } : {};
