import type { VppToken } from '../graph/vpp-token.ts';

/** The name that a token goes by on cards, as Graph gave it; never its Apple ID. */
export const tokenName = (token: Pick<VppToken, 'displayName' | 'locationName' | 'organizationName'>): string =>
  token.displayName || token.locationName || token.organizationName || '';
