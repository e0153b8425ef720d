import type { VppToken } from '../graph/vpp-token.ts';

const hopeless = ['expired', 'invalid', 'assignedToExternalMDM'] as const;
export type HopelessState = (typeof hopeless)[number];

/** The state in which syncing a token cannot work until somebody mends it; undefined when a sync may help. */
export const findHopelessState = ({ state }: Pick<VppToken, 'state'>): HopelessState | undefined =>
  hopeless.find((each) => each === state);
