import type { TokenChange } from '../cards/change.ts';
import type { VppToken } from '../graph/vpp-token.ts';

const compared = [
  { what: 'state', of: 'state' },
  { what: 'expiry', of: 'expirationDateTime' },
  { what: 'organization', of: 'organizationName' },
  { what: 'appleId', of: 'appleId' },
  { what: 'location', of: 'locationName' },
] as const;

/**
 * What differs on the token itself between before and after a sync, in the order people care about.
 * What beta alone tells counts only where it answered both times: its silence is no change.
 */
export function changesBetween(before: VppToken, after: VppToken): TokenChange[] {
  const bothNamed = hasBetaNames(before) && hasBetaNames(after);
  const isKnown = (what: TokenChange['what']) =>
    bothNamed || (what === 'state' ? ![before.state, after.state].includes(betaState) : what !== 'location');
  return compared
    .filter(({ what, of }) => isKnown(what) && !isSame(before[of], after[of]))
    .map(({ what, of }) => ({
      what,
      ...(before[of] !== undefined && { before: before[of] }),
      ...(after[of] !== undefined && { after: after[of] }),
    }));
}

/** The token as it is now, still called what it was called before where beta did not answer this time. */
export function withKnownNames(before: VppToken, after: VppToken): VppToken {
  if (hasBetaNames(after)) return after;
  const { displayName, locationName } = before;
  return { ...after, ...(displayName && { displayName }), ...(locationName && { locationName }) };
}

const betaState = 'duplicateLocationId';
const hasBetaNames = ({ displayName, locationName }: VppToken) =>
  displayName !== undefined || locationName !== undefined;

/** One moment may be written in several ways. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  const [a, b] = [one, other].map((value) =>
    /^\d{4}-\d\d-\d\dT/.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN,
  );
  return a === b;
}
