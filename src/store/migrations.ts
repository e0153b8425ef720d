import type { Migration } from 'kysely/migration';
import { mainJob } from './migrations/0001-main-job.ts';
import { installations } from './migrations/0002-installations.ts';
import { syncBatches } from './migrations/0002-sync-batches.ts';
import { renewalMarks } from './migrations/0003-renewal-marks.ts';
import { receipts } from './migrations/0004-receipts.ts';
import { alerts } from './migrations/0005-alerts.ts';
import { audit } from './migrations/0006-audit.ts';
import { sealedSecrets } from './migrations/0007-sealed-secrets.ts';
import { runClaims } from './migrations/0008-run-claims.ts';
import { teams } from './migrations/0009-teams.ts';
import { turnsInHand } from './migrations/0010-turns-in-hand.ts';
import { joinedSince } from './migrations/0011-joined-since.ts';
import { refusals } from './migrations/0012-refusals.ts';

/** Forward only: a released step is never edited, the next one mends it. Keys sort in the order they are applied. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-main-job': mainJob,
  '0002-installations': installations,
  '0002-sync-batches': syncBatches,
  '0003-renewal-marks': renewalMarks,
  '0004-receipts': receipts,
  '0005-alerts': alerts,
  '0006-audit': audit,
  '0007-sealed-secrets': sealedSecrets,
  '0008-run-claims': runClaims,
  '0009-teams': teams,
  '0010-turns-in-hand': turnsInHand,
  '0011-joined-since': joinedSince,
  '0012-refusals': refusals,
};
