import { z } from 'zod';
import type { Stopped } from '../cards/progress-card.ts';
import type { SyncOutcome } from '../cards/token-phase.ts';
import type { LicensesBefore, LicensesCompared, Uncompared } from '../domain/licenses.ts';
import { licenseCounts, wordsOf } from './stored-shapes.ts';

/** How a run may have ended: `refused` ones never began. */
export const runOutcome = wordsOf<SyncOutcome | 'refused'>({
  ...{ completed: true, failed: true, stuck: true, noResult: true, deleted: true },
  ...{ notStarted: true, lost: true, refused: true, refusedLate: true },
});

const uncompared = wordsOf<Uncompared>({
  ...{ forbidden: true, missingScope: true, slow: true, unavailable: true, noAccount: true },
  ...{ ambiguous: true, joined: true, signInEnded: true, stopped: true },
});

const app = { id: z.string(), name: z.string() };

export const licensesBefore: z.ZodType<LicensesBefore> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('read'), exact: z.boolean(), apps: z.array(licenseCounts.extend(app)) }),
  z.object({ kind: z.literal('unread'), why: uncompared }),
]);

const appChange = z.object({
  ...{ ...app, what: z.literal('app') },
  before: licenseCounts.exactOptional(),
  after: licenseCounts.exactOptional(),
});

export const licensesCompared: z.ZodType<LicensesCompared> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('compared'), approximate: z.boolean(), apps: z.array(appChange) }),
  z.object({ kind: z.literal('notCompared'), why: uncompared.exactOptional() }),
]);

export const stopped: z.ZodType<Stopped> = z.discriminatedUnion('reason', [
  z.object({ reason: z.enum(['restarted', 'tokenRejected', 'claimsChallenge']) }),
  z.object({ reason: z.literal('missingScope'), scopes: z.array(z.string()) }),
]);
