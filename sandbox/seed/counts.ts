import { dayOf, toCounted } from '../../src/domain/license-runway.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createAlertRepositories } from '../../src/store/stores.ts';
import type { Seed, SeedApp } from './seed.ts';

const daysCounted = 14;

/**
 * Writes what the bot would have counted of apps whose use grows, had it run for two weeks: its own clock stays where it is while the
 * tenant's time passes, and a trend takes a week of days.
 */
export async function seedCounts(path: string, { tokens, apps }: Pick<Seed, 'tokens' | 'apps'>, now: number) {
  const db = await openDatabase({ kind: 'sqlite', path });
  try {
    const { countedApps } = createAlertRepositories(db);
    for (const app of apps.filter(({ usedPerDay }) => usedPerDay !== undefined)) {
      const tenantId = tokens.find(({ id }) => id === app.tokenId)?.tenantId;
      if (tenantId !== undefined) await countedApps.putAll(tenantId, [countsOf(app, dayOf(now))]);
    }
  } finally {
    await db.destroy();
  }
}

/** Its counts up to yesterday: the bot makes today's. */
function countsOf(app: SeedApp, today: number) {
  const { id, tokenId, displayName: name, totalLicenseCount: total, usedLicenseCount, usedPerDay = 0 } = app;
  const counts = Array.from({ length: daysCounted }, (_, index) => {
    const daysAgo = daysCounted - index;
    return { day: today - daysAgo, used: Math.max(0, usedLicenseCount - usedPerDay * daysAgo), total };
  });
  const { day = today, used = 0 } = counts.at(-1) ?? {};
  return toCounted({ id, tokenId, name, day, used, total }, counts.slice(0, -1));
}
