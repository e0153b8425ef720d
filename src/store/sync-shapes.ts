import { z } from 'zod';
import type { Uncompared } from '../cards/change.ts';
import type { Stopped } from '../cards/progress-card.ts';
import type { SyncOutcome } from '../cards/token-phase.ts';
import type { LicensesBefore, LicensesCompared } from '../sync/license-snapshot.ts';
import { licenseCounts } from './stored-shapes.ts';

/** How a run may have ended: `refused` ones never began. */
export const runOutcome: z.ZodType<SyncOutcome | 'refused'> = z.enum([
  ...(['completed', 'failed', 'stuck', 'noResult', 'deleted', 'notStarted', 'lost', 'refused'] as const),
]);

const uncompared: z.ZodType<Uncompared> = z.enum([
  ...(['forbidden', 'missingScope', 'slow', 'unavailable', 'noAccount', 'ambiguous', 'joined', 'signInEnded'] as const),
]);

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
