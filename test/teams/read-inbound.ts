import { type Inbound, type InboundActivity, parseInbound, type VerifiedClaims } from '../../src/teams/inbound.ts';

/** Claims as the guard would have verified them. */
export const verifiedClaims = {} as VerifiedClaims;

/** An activity as the guard would have read it, of the tenant that it names. */
export function readInbound(activity: InboundActivity, at = 0): Inbound {
  const tenantId = (activity.conversation?.tenantId ?? 'tenant').toLowerCase();
  return parseInbound(activity, { tenantId, claims: verifiedClaims, at });
}

/** The same, of an activity that is known to be of this kind. */
export function readKind<K extends Inbound['kind']>(kind: K, activity: InboundActivity, at?: number) {
  const inbound = readInbound(activity, at);
  if (inbound.kind !== kind) throw new Error(`This is no ${kind} but ${inbound.kind}.`);
  return inbound as Extract<Inbound, { readonly kind: K }>;
}
