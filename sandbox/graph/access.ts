import type { GraphCaller, IntuneRole, SandboxPerson, SandboxTenant } from '../contract.ts';
import type { SeedToken } from '../seed/seed-token.ts';
import { forbiddenByIntune, missingScope } from './graph-error.ts';

const readTokens = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementServiceConfig.ReadWrite.All'];
const readApps = ['DeviceManagementApps.Read.All', 'DeviceManagementApps.ReadWrite.All'];

/** What each operation needs. Where sources disagree, what all of them accept: facts of Graph, permissions. */
export const needs = {
  readTokens,
  syncTokens: ['DeviceManagementServiceConfig.ReadWrite.All'],
  readApps,
} as const;

/** What one caller may see, once they may see anything at all. */
export interface Access {
  readonly tenantId: string;
  canSee(token: SeedToken): boolean;
}

interface AccessOptions {
  readonly caller: GraphCaller;
  readonly need: keyof typeof needs;
  readonly people: readonly SandboxPerson[];
  readonly tenants: readonly SandboxTenant[];
}

/** The app's permissions first, then Intune's own roles. Throws the 403 each of them answers with. */
export function getAccess({ caller, need, people, tenants }: AccessOptions): Access {
  const granted = caller.aadObjectId === undefined ? caller.roles : caller.scopes;
  if (!needs[need].some((scope) => granted.includes(scope))) throw missingScope(needs[need]);
  if (!tenants.find(({ id }) => id === caller.tenantId)?.usesBot) throw forbiddenByIntune();
  const { tenantId } = caller;
  if (caller.aadObjectId === undefined) return { tenantId, canSee: () => true };
  const person = people.find(({ aadObjectId }) => aadObjectId === caller.aadObjectId);
  const role: IntuneRole = person?.tenantId === tenantId ? person.role : 'none';
  if (role === 'none' || role === 'guest') throw forbiddenByIntune();
  if (role === 'readOnly' && need === 'syncTokens') throw forbiddenByIntune();
  const tags = person?.scopeTagIds ?? [];
  return {
    tenantId,
    canSee: (token) => role !== 'scopeLimited' || token.roleScopeTagIds.some((tag) => tags.includes(tag)),
  };
}
