import type { VppToken } from '../domain/token.ts';

/**
 * The token with what beta told of it last, for a look at which beta does not answer: neither may its names vanish nor a duplicate
 * location seem mended. Any state that v1.0 knows to be wrong stands; a duplicate may show as `valid` or `unknown` there.
 */
export function keepAdditions(token: VppToken, before: VppToken): VppToken {
  const { displayName, locationName, state } = before;
  const isStillDuplicate = state === 'duplicateLocationId' && ['valid', 'unknown'].includes(token.state);
  return {
    ...token,
    ...(displayName && { displayName }),
    ...(locationName && { locationName }),
    ...(isStillDuplicate && { state }),
  };
}
