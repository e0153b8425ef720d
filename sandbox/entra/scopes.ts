import { EntraError } from './entra-error.ts';
import type { EntraState } from './entra-state.ts';

/** What the bot's registration asks of Graph for a person, and what a tenant consents to as a whole. */
export const delegatedGraphScopes: readonly string[] = [
  'DeviceManagementServiceConfig.ReadWrite.All',
  'DeviceManagementApps.Read.All',
];

/** What the bot's registration was given for itself: reading alone. */
export const applicationRoles: readonly string[] = [
  'DeviceManagementServiceConfig.Read.All',
  'DeviceManagementApps.Read.All',
];

const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

export interface AskedScopes {
  /** Names without the Graph root. */
  readonly graph: readonly string[];
  /** Whether a token for the bot's own app (`access_as_user`) is asked for. */
  readonly ownApp: boolean;
}

/** Sorts scopes by the resource they are for; one for anything but Graph and the bot's own app is refused (70011). */
export function readScopes(state: EntraState, scope: string): AskedScopes {
  const { clientId, idUri } = state.registration();
  const asked = splitScopes(scope).filter((name) => !openIdScopes.has(name));
  const own = new Set([`${clientId}/access_as_user`, `${idUri}/access_as_user`]);
  const graphPrefix = `${state.graphRoot}/`;
  const foreign = asked.find((name) => !own.has(name) && !name.startsWith(graphPrefix));
  if (foreign !== undefined) {
    throw new EntraError('invalid_scope', 70011, `The scope ${foreign} is not valid: it belongs to no known resource.`);
  }
  return {
    graph: asked.filter((name) => name.startsWith(graphPrefix)).map((name) => name.slice(graphPrefix.length)),
    ownApp: asked.some((name) => own.has(name)),
  };
}

export const splitScopes = (scope: string) => scope.split(' ').filter((name) => name !== '');
