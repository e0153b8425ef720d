import type { VppToken } from '../graph/vpp-token.ts';
import type { TokenSnapshot } from './stores.ts';

/** What a person may see of their tenant's tokens. */
export interface Sight {
  readonly tokens: readonly VppToken[];
  /** `unknown`: monitoring has not looked yet, so nobody can tell whether these are all. */
  readonly extent: 'whole' | 'part' | 'unknown';
  /** Those that monitoring saw and the person does not see. */
  readonly hiddenIds: ReadonlySet<string>;
}

/** Compares what Graph shows a person with what monitoring saw last. A token deleted since then counts as hidden until it looks again. */
export function sightOf(tokens: readonly VppToken[], snapshots: readonly Pick<TokenSnapshot, 'token'>[]): Sight {
  const visible = new Set(tokens.map(({ id }) => id));
  const hiddenIds = new Set(snapshots.map(({ token }) => token.id).filter((id) => !visible.has(id)));
  const extent = snapshots.length === 0 ? 'unknown' : hiddenIds.size === 0 ? 'whole' : 'part';
  return { tokens, extent, hiddenIds };
}
