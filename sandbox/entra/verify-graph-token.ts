import type { GraphCaller } from '../contract.ts';
import { type EntraState, issuerOf } from './entra-state.ts';

/** Who an access token for Graph stands for; undefined when it is forged, expired, or for anything but Graph. */
export async function verifyGraphToken(state: EntraState, token: string): Promise<GraphCaller | undefined> {
  const claims = await state.keys.verify(token, state.context.now()).catch(() => undefined);
  const tenantId = state.tenants.find(({ id }) => id === claims?.tid)?.id;
  if (!claims || tenantId === undefined || claims.aud !== state.graphRoot) return undefined;
  if (claims.iss !== issuerOf(state, tenantId)) return undefined;
  const isPerson = claims.idtyp === 'user' && typeof claims.oid === 'string';
  return {
    tenantId,
    ...(isPerson && { aadObjectId: String(claims.oid) }),
    scopes: String(claims.scp ?? '')
      .split(' ')
      .filter(Boolean),
    roles: Array.isArray(claims.roles) ? claims.roles.map(String) : [],
  };
}
