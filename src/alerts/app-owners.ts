import type { VppApp } from '../graph/vpp.ts';

/**
 * Remembers which token each app named. Beta alone tells; without this, a look at which it does not answer would take an app's
 * shortage from its token and give it to another one.
 */
export function createAppOwners() {
  const known = new Map<string, ReadonlyMap<string, string>>();
  return {
    complete(tenantId: string, apps: readonly VppApp[]): readonly VppApp[] {
      const before = known.get(tenantId);
      const completed = apps.map((app) => {
        const vppTokenId = app.vppTokenId ?? before?.get(app.id);
        return vppTokenId === undefined ? app : { ...app, vppTokenId };
      });
      const owners = completed.flatMap(({ id, vppTokenId }) => (vppTokenId ? [[id, vppTokenId] as const] : []));
      known.set(tenantId, new Map(owners));
      return completed;
    },
  };
}
