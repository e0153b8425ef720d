import type { VppToken } from '../domain/token.ts';
import { accountOf, appsOfToken, type VppApp } from '../graph/vpp.ts';

/** The licences of one token's apps. */
export interface TokenApps {
  readonly apps: readonly { readonly name: string; readonly used: number; readonly total: number }[];
  /** They may be another token's of the same account. */
  readonly isApproximate: boolean;
}

/**
 * Whose apps are whose, each app of one token at most. Where several tokens share an account and an app names none of them,
 * the token with the lowest id stands for all, so that one shortage is one alert.
 */
export function attributeApps(apps: readonly VppApp[], tokens: readonly VppToken[]): ReadonlyMap<string, TokenApps> {
  const named = Map.groupBy(apps, ({ vppTokenId }) => vppTokenId);
  const unnamed = Map.groupBy(named.get(undefined) ?? [], (app) =>
    accountOf(app.vppTokenAppleId, app.vppTokenOrganizationName),
  );
  const groups = Map.groupBy(tokens, (token) => accountOf(token.appleId, token.organizationName));
  const attributed = new Map<string, TokenApps>();
  for (const [account, group] of groups) {
    const [lowest] = group.map(({ id }) => id).sort();
    const shared = account === undefined ? [] : (unnamed.get(account) ?? []);
    for (const token of group) {
      const candidates = [...(named.get(token.id) ?? []), ...(token.id === lowest ? shared : [])];
      const { apps: own, approximate } = appsOfToken(candidates, token, group);
      attributed.set(token.id, { apps: own.map(toCounts), isApproximate: approximate });
    }
  }
  return attributed;
}

const toCounts = (app: VppApp) => ({
  name: app.displayName,
  used: app.usedLicenseCount,
  total: app.totalLicenseCount,
});
