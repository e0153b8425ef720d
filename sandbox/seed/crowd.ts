import type { SandboxPerson } from '../contract.ts';
import { contoso } from './tenants.ts';

/** Endpoint administrators of the company beside those that have names: `crowd-1`, `crowd-2` and so on. */
export function createCrowd(count: number): SandboxPerson[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1);
    return {
      key: `crowd-${number}`,
      name: `Colleague ${number}`,
      title: 'Endpoint administrator',
      tenantId: contoso.id,
      aadObjectId: `0a1d7c64-5e92-4f3b-8a60-c0${number.padStart(10, '0')}`,
      teamsId: `29:1crowd-rehearsal-${number}`,
      userPrincipalName: `crowd.${number}@${contoso.domain}`,
      role: 'full',
      locale: 'en-US',
    };
  });
}
